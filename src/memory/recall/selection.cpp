#include "memory/recall/selection.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "memory/documents/chunker.h"
#include "memory/text/token_estimate.h"
#include "memory/text/words.h"

namespace loam {
namespace {

constexpr double kRelevance = 0.7;      // λ: what a score counts beside being unlike what is chosen already
constexpr double kNearDuplicate = 0.8;  // share of terms in common
constexpr size_t kExcerptBytes = 1500;  // of one turn

using TermSet = std::unordered_set<std::string>;

TermSet term_set(std::string_view text) {
  TermSet terms;
  for (const Word& word : words_of(text.substr(0, 4 * kExcerptBytes))) {
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
size_t character_start(std::string_view text, size_t place) {
  place = std::min(place, text.size());
  while (place > 0 && place < text.size() && (static_cast<unsigned char>(text[place]) & 0xC0U) == 0x80U) --place;
  return place;
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
  from = character_start(text, from);
  const size_t to = character_start(text, from + most);
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
    next.recalled.excerpt = excerpt_of(next.recalled.turn.text, next.recalled.reasons.terms, kExcerptBytes);
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
