// What memory adds to a prompt: the recalled turns before each question, and the core in front.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "memory/memory.h"
#include "memory/recall_block.h"
#include "memory/text/words.h"

namespace loam {
namespace {

constexpr double kSameQuestion = 0.8;  // share of words, of both together, from which two questions are one

constexpr double kBesideTheBest = 0.6;  // of its score: what is less stays out, as every token has to be read

constexpr size_t kQuotedBytes = 480;  // of a long turn: the sentences around what was asked for

std::set<std::string> content_terms(std::string_view text) {
  std::set<std::string> terms;
  for (const Word& word : words_of(text))
    if (!word.stop) terms.insert(word.term);
  return terms;
}

bool is_number(const std::string& term) { return term.find_first_not_of("0123456789") == std::string::npos; }
bool asks(std::string_view text) { return text.find('?') != std::string_view::npos; }

// What only says the question again tells nothing about its answer: no word is new, or it asks in nearly the same words
// (by Jaccard's index).
bool is_repeated(const std::set<std::string>& question, std::string_view text) {
  const std::set<std::string> terms = content_terms(text);
  size_t n_common = 0, n_new = 0;
  for (const std::string& term : terms) (question.contains(term) ? n_common : n_new) += is_number(term) ? 0 : 1;
  const size_t n_all = question.size() + n_new;
  return n_new == 0 || (asks(text) && static_cast<double>(n_common) >= kSameQuestion * static_cast<double>(n_all));
}

std::string reasons_line(const RecallReasons& reasons) {
  std::string line = fmt::format("words {:.2f}", reasons.words);
  if (!reasons.terms.empty()) line += fmt::format(" ({})", fmt::join(reasons.terms, ", "));
  line += fmt::format(", conversation {:.2f}", reasons.session);
  if (reasons.similarity != 0) line += fmt::format(", meaning {:.2f}", reasons.similarity);
  const auto factor = [&](const char* name, double value) {
    if (value != 1) line += fmt::format(", {} ×{:.2f}", name, value);
  };
  factor("time", reasons.time);
  factor("quote", reasons.phrase);
  factor("name", reasons.name);
  factor("recency", reasons.recency);
  factor("importance", reasons.importance);
  return line;
}

}  // namespace

// Turns of this conversation that the prompt holds anyway.
std::vector<TurnId> Memory::known_turns(std::span<const ChatText> messages, const Exchange& exchange) {
  std::vector<TurnId> known = trace_.recalled_in(exchange.session);
  for (const TurnId turn : known_turns_.find(exchange.options.space, exchange.session, messages)) known.push_back(turn);
  return known;
}

std::vector<TracedItem> Memory::recall(std::span<const ChatText> messages, size_t question, const Exchange& exchange) {
  RecallQuery query;
  query.text = messages[question].text;
  query.spaces = recalled_spaces(exchange.options);
  query.exclude_turns = known_turns(messages, exchange);
  query.budget = exchange.options.budget;
  query.deep = exchange.options.recall == RecallMode::deep;
  if (!query.deep) query.excerpt = kQuotedBytes;
  if (query.deep) query.limit *= 2;
  const std::set<std::string> asked = content_terms(query.text);
  std::vector<TracedItem> items;
  for (const Recalled& found : recaller()->recall(query)) {
    if (found.turn.role == TurnRole::user && is_repeated(asked, found.turn.text)) continue;
    if (found.turn.role == TurnRole::assistant) {
      const auto before = turns_.before(found.turn, 1);
      if (!before.empty() && is_repeated(asked, before[0].text)) continue;
    }
    items.push_back({found.turn.id, found.score, found.excerpt, reasons_line(found.reasons), false});
  }
  recall_shared(query, items);
  double best = 0;
  for (const TracedItem& item : items) best = std::max(best, item.score);
  std::erase_if(items, [&](const TracedItem& item) { return item.score < kBesideTheBest * best; });
  return items;
}

// The conversation's namespace, and the collections of documents.
std::vector<std::string> Memory::recalled_spaces(const MemoryOptions& options) {
  std::vector<std::string> spaces = options.collections ? *options.collections : documents_.collections();
  spaces.push_back(options.space);
  return spaces;
}

void Memory::add_patterns(const std::string& question, const Exchange& exchange, std::vector<TracedItem>& items) {
  const Language language = detect_language(question);
  const std::string& space = exchange.options.space;
  for (const StoredPattern& pattern : patterns_.choose(space, question, language, unix_now())) {
    items.push_back({pattern.turns.front(), pattern.npmi, describe_pattern(pattern, language),
                     fmt::format("pattern {} of {} turns", pattern_kind_name(pattern.kind), pattern.turns.size()),
                     true});
    if (exchange.question != 0) patterns_.mark_shown(space, pattern.key, unix_now());
  }
}

// What all users share is quoted whole, and traced by a negative id without its words: whoever erases it there has
// erased it everywhere.
void Memory::recall_shared(const RecallQuery& query, std::vector<TracedItem>& items) {
  const auto library = shared();
  if (!library) return;
  RecallQuery shared = query;
  shared.spaces = library->documents_.collections();
  shared.exclude_turns.clear();
  for (const TurnId turn : query.exclude_turns)
    if (turn < 0) shared.exclude_turns.push_back(-turn);
  if (shared.spaces.empty()) return;
  for (const Recalled& found : library->search(shared))
    items.push_back({-found.turn.id, found.score, "", "shared: " + reasons_line(found.reasons), false});
  std::ranges::stable_sort(items, std::ranges::greater(), &TracedItem::score);
  if (items.size() > query.limit) items.resize(query.limit);
}

std::optional<Turn> Memory::find_traced(TurnId id) {
  if (id >= 0) return turns_.find(id);
  const auto library = shared();
  return library ? library->turns_.find(-id) : std::nullopt;
}

std::string Memory::source_of_item(const TracedItem& item, const Turn& turn) {
  if (item.pattern) return "noticed since";
  const auto place = item.turn >= 0 ? documents_.place(item.turn) : shared()->documents_.place(-item.turn);
  return place ? "from " + cite(*place) : source_of(turn);
}

std::string Memory::block_of(std::span<const TracedItem> items) {
  std::vector<Quote> quotes;
  for (const TracedItem& item : items) {
    const auto turn = find_traced(item.turn);
    if (turn)
      quotes.push_back({turn->time, source_of_item(item, *turn), item.excerpt.empty() ? turn->text : item.excerpt});
  }
  return recall_block(quotes);
}

// For the last question what is recalled now; for those before it, and where it is asked again, what was recalled then,
// so that the prompt begins like the one before.
void Memory::insert_recalled(std::span<const ChatText> messages, std::span<const std::string> chain, size_t question,
                             Exchange& exchange) {
  size_t n_questions = 0;
  for (size_t i = 0; i <= question; ++i) {
    if (messages[i].role != TurnRole::user) continue;
    auto place = conversations_.find(exchange.options.space, chain[n_questions++], exchange.session);
    if (!place) place = conversations_.find_said(exchange.options.space, messages[i].text, exchange.session);
    auto items = place ? trace_.find(place->turn) : std::nullopt;
    if (!items && i == question) {
      items = recall(messages, question, exchange);
      add_patterns(messages[question].text, exchange, *items);
      if (exchange.question != 0) trace_.record(exchange.question, *items);
    }
    if (!items) continue;
    if (std::string block = block_of(*items); !block.empty()) exchange.insertions.push_back({i, std::move(block)});
  }
}

std::string Memory::core_of(const Exchange& exchange) {
  auto core = snapshots_.find(exchange.options.space, exchange.session);
  if (!core) {
    core = core_.render({exchange.options.space}).text;
    if (exchange.question != 0) snapshots_.keep(exchange.options.space, exchange.session, *core);
  }
  if (!exchange.options.is_long) return *core;
  const auto summary = summaries_.find(exchange.options.space, exchange.session);
  return summary ? *core + "\n\nWhat this conversation was about so far: " + summary->text : *core;
}

}  // namespace loam
