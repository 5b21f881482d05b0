#include "memory/recall/selection.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/utf8.h"
#include "memory/documents/chunker.h"
#include "memory/text/token_estimate.h"
#include "memory/text/words.h"

namespace loam {
namespace {

constexpr double kRelevance = 0.7;       // λ: what a score counts beside being unlike what is chosen already
constexpr double kNearDuplicate = 0.8;   // share of terms in common
constexpr size_t kComparedBytes = 6000;  // of one turn
constexpr size_t kDocumentBytes = 1500;  // about what a chunk has: its sentences need each other

using TermSet = std::unordered_set<std::string>;

TermSet term_set(std::string_view text) {
  TermSet terms;
  for (const Word& word : words_of(text.substr(0, kComparedBytes))) {
    if (!word.stop) terms.insert(word.term);
  }
  return terms;
}

// Jaccard's index.
double overlap(const TermSet& a, const TermSet& b) {
  const TermSet &few = a.size() < b.size() ? a : b, &many = a.size() < b.size() ? b : a;
  const auto n_common =
      static_cast<double>(std::ranges::count_if(few, [&](const std::string& term) { return many.contains(term); }));
  const double n_all = static_cast<double>(a.size() + b.size()) - n_common;
  return n_all > 0 ? n_common / n_all : 0;
}

// A place at which a character begins, not after `place`.
size_t character_start(std::string_view text, size_t place) { return complete_utf8_prefix(text.substr(0, place)); }

// Where a sentence or a line begins, at most `most` behind `place`; else `place`.
size_t sentence_start(std::string_view text, size_t place, size_t most) {
  if (place == 0) return 0;
  for (size_t i = place; i < std::min(place + most, text.size()); ++i) {
    if (text[i - 1] == '\n') return i;
    if (i >= 2 && text[i - 1] == ' ' && std::string_view(".!?").find(text[i - 2]) != std::string_view::npos) return i;
  }
  return place;
}

// The last place from `least` to `most` behind which a sentence or a line ends; else `most`.
size_t sentence_end(std::string_view text, size_t least, size_t most) {
  for (size_t i = most; most < text.size() && i > least; --i)
    if (std::string_view(".!?\n").find(text[i - 1]) != std::string_view::npos && (text[i] == ' ' || text[i] == '\n'))
      return i;
  return most;
}

size_t excerpt_bytes(const Turn& turn, const RecallQuery& query) {
  return turn.role == TurnRole::document ? kDocumentBytes : query.excerpt;
}

struct Candidate {
  Recalled recalled;
  TermSet terms;
  double closest = 0;  // overlap with what is chosen
};

}  // namespace

std::string excerpt_of(std::string_view text, const std::vector<std::string>& terms, size_t most) {
  if (text.size() <= most) return std::string(text);
  std::vector<size_t> hits;
  for (const Word& word : words_of(text)) {
    if (std::ranges::find(terms, word.term) != terms.end()) hits.push_back(word.offset);
  }
  size_t from = 0, best = 0;
  for (size_t i = 0, end = 0; i < hits.size(); ++i) {
    while (end < hits.size() && hits[end] < hits[i] + most * 3 / 4) ++end;
    if (end - i <= best) continue;
    best = end - i;
    from = hits[i] > most / 8 ? hits[i] - most / 8 : 0;
  }
  from = character_start(text, sentence_start(text, from, most / 8));
  const size_t to = sentence_end(text, from + most / 2, character_start(text, from + most));
  std::string excerpt(from > 0 ? "… " : "");
  excerpt += text.substr(from, to - from);
  if (to < text.size()) excerpt += " …";
  return excerpt;
}

std::vector<Recalled> select_recalled(std::vector<Recalled> candidates, const RecallQuery& query) {
  std::vector<Candidate> waiting;
  for (Recalled& each : candidates) {
    TermSet terms = term_set(each.turn.text);
    waiting.push_back({std::move(each), std::move(terms), 0});
  }
  const double top = waiting.empty() ? 1 : std::max(waiting.front().recalled.score, 1e-9);
  const auto marginal = [&](const Candidate& each) {
    return kRelevance * each.recalled.score / top - (1 - kRelevance) * each.closest;
  };
  std::vector<Recalled> chosen;
  size_t left = query.budget;
  while (chosen.size() < query.limit && !waiting.empty()) {
    const auto best = std::ranges::max_element(waiting, {}, marginal);
    Candidate next = std::move(*best);
    waiting.erase(best);
    next.recalled.excerpt =
        excerpt_of(next.recalled.turn.text, next.recalled.reasons.terms, excerpt_bytes(next.recalled.turn, query));
    const size_t n_tokens = estimate_tokens(next.recalled.excerpt);
    if (n_tokens > left) continue;
    left -= n_tokens;
    for (Candidate& each : waiting) each.closest = std::max(each.closest, overlap(each.terms, next.terms));
    std::erase_if(waiting, [](const Candidate& each) { return each.closest >= kNearDuplicate; });
    chosen.push_back(std::move(next.recalled));
  }
  return chosen;
}

}  // namespace loam
