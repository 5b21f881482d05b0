// ItemTable: the words, names and emotions of a user's turns, and in which sessions each is.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "memory/patterns/pattern_log.h"

namespace loam {

// A name that begins a sentence may be none; that is decided when all has been read, by what is written elsewhere.
class ItemTable {
 public:
  // The words of a turn's text (words_of).
  void add(std::string_view text, std::span<const Word> words, size_t session, TurnId turn);
  void add(EmotionLabel label, size_t session, TurnId turn);

  std::vector<PatternItem> take();

 private:
  struct Entry {
    PatternItem item;
    std::array<int, 4> votes{};  // for each NameKind
    bool is_gone = false;
  };
  struct Part {
    std::string term, text;
  };
  // Capitalised words of which the first begins a sentence.
  struct Doubt {
    Part head, rest, whole;  // "Yesterday", "Anna", "Yesterday Anna"; of one word only the head
    NameKind kind;
    size_t session;
    TurnId turn;
  };

  Entry* entry(const std::string& key, const Part& part);
  void add_word(const Part& part, size_t session, TurnId turn);
  void add_name(const Part& part, NameKind kind, size_t session, TurnId turn);
  void add(const Name& name, std::string_view text, std::span<const Word> words, size_t session, TurnId turn);
  bool has_name(const Part& part) const;
  void settle_doubts();
  void settle_small_letters();

  std::vector<Entry> entries_;
  std::unordered_map<std::string, size_t> places_;  // by term; of names and emotions with a mark before it
  std::vector<Doubt> doubts_;
};

}  // namespace loam
