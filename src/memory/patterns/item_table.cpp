#include "memory/patterns/item_table.h"

#include <algorithm>

#include "base/utf8.h"

namespace loam {
namespace {

constexpr size_t kMostWordsOfLog = 200'000;  // different ones that are counted at all, and doubts
const std::string kNameMark = "\t", kEmotionMark = "\n";

bool is_korean(std::string_view term) { return detect_language(term) == Language::ko; }

}  // namespace

ItemTable::Entry* ItemTable::entry(const std::string& key, const Part& part) {
  auto found = places_.find(key);
  if (found == places_.end()) {
    if (entries_.size() >= kMostWordsOfLog) return nullptr;
    found = places_.emplace(key, entries_.size()).first;
    PatternItem& item = entries_.emplace_back().item;
    item.name = part.text;
    item.term = part.term;
  }
  return &entries_[found->second];
}

void ItemTable::add_word(const Part& part, size_t session, TurnId turn) {
  if (count_code_points(part.term) < 2) return;
  if (Entry* found = entry(part.term, part)) found->item.sessions.emplace(session, turn);
}

void ItemTable::add_name(const Part& part, NameKind kind, size_t session, TurnId turn) {
  Entry* found = entry(kNameMark + part.term, part);
  if (found == nullptr) return;
  found->item.name_kind = NameKind::other;
  ++found->votes[static_cast<size_t>(kind)];
  found->item.sessions.emplace(session, turn);
}

bool ItemTable::has_name(const Part& part) const { return places_.contains(kNameMark + part.term); }

void ItemTable::add(std::string_view text, std::span<const Word> words, size_t session, TurnId turn) {
  const auto add_words = [&](size_t from, size_t to) {
    for (; from < to; ++from) {
      const Word& word = words[from];
      if (!word.stop && word.language != Language::other) add_word({word.term, std::string(word.text)}, session, turn);
    }
  };
  size_t next = 0;
  for (const Name& name : names_of(text, words)) {
    add_words(next, name.first);
    add(name, text, words, session, turn);
    next = name.first + name.n_words;
  }
  add_words(next, words.size());
}

void ItemTable::add(const Name& name, std::string_view text, std::span<const Word> words, size_t session, TurnId turn) {
  const auto part_of = [&](size_t from, size_t to) {
    if (from == to) return Part();
    const size_t begin = words[from].offset, end = words[to - 1].offset + words[to - 1].text.size();
    Part part{"", std::string(text.substr(begin, end - begin))};
    for (; from < to; ++from) part.term += (part.term.empty() ? "" : " ") + words[from].term;
    return part;
  };
  const size_t end = name.first + name.n_words;
  if (name.certain) return add_name(part_of(name.first, end), name.kind, session, turn);
  if (doubts_.size() >= kMostWordsOfLog) return;
  doubts_.push_back({part_of(name.first, name.first + 1), part_of(name.first + 1, end), part_of(name.first, end),
                     name.kind, session, turn});
}

void ItemTable::add(EmotionLabel label, size_t session, TurnId turn) {
  const std::string name(emotion_label_name(label));
  Entry* found = entry(kEmotionMark + name, {kEmotionMark + name, name});
  if (found == nullptr) return;
  found->item.emotion = label;
  found->item.sessions.emplace(session, turn);
}

// The whole is a name where it is one amid a sentence elsewhere; else what follows its first word is, and that word
// only where it is a name elsewhere.
void ItemTable::settle_doubts() {
  for (Doubt& doubt : doubts_) {
    if (doubt.rest.term.empty() || has_name(doubt.whole)) continue;
    add_name(doubt.rest, doubt.kind, doubt.session, doubt.turn);
    doubt.whole = doubt.head;
    doubt.kind = NameKind::other;
  }
  for (const Doubt& doubt : doubts_) {
    if (has_name(doubt.whole))
      add_name(doubt.whole, doubt.kind, doubt.session, doubt.turn);
    else
      add_word(doubt.head, doubt.session, doubt.turn);
  }
}

// What is mostly written small is a word, whatever its capitals meant here and there. Korean has none: what was once
// told to be a name is one.
void ItemTable::settle_small_letters() {
  for (Entry& name : entries_) {
    if (!name.item.name_kind) continue;
    const auto found = places_.find(name.item.term);
    if (found == places_.end()) continue;
    Entry& word = entries_[found->second];
    const bool stays = is_korean(name.item.term) || name.item.sessions.size() > word.item.sessions.size();
    if (stays && !is_korean(name.item.term)) continue;  // both: Mark and a mark
    Entry& kept = stays ? name : word;
    Entry& gone = stays ? word : name;
    for (const auto& [session, turn] : gone.item.sessions) {
      const auto [known, fresh] = kept.item.sessions.emplace(session, turn);
      if (!fresh) known->second = std::min(known->second, turn);
    }
    gone.is_gone = true;
  }
}

std::vector<PatternItem> ItemTable::take() {
  settle_doubts();
  settle_small_letters();
  std::vector<PatternItem> items;
  for (Entry& each : entries_) {
    if (each.is_gone) continue;
    if (each.item.name_kind) {
      const auto told = std::max_element(each.votes.begin() + 1, each.votes.end());
      if (*told > 0) each.item.name_kind = static_cast<NameKind>(told - each.votes.begin());
    }
    items.push_back(std::move(each.item));
  }
  return items;
}

}  // namespace loam
