// Names of people, places and projects in a text: by their capitals, and by the words that stand beside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/text/words.h"

namespace loam {

enum class NameKind : uint8_t { other, person, place, project };
std::string_view name_kind_name(NameKind kind);  // "person"

struct Name {
  size_t first, n_words;  // which of the text's words
  NameKind kind;          // by the words beside it; `other` where they tell nothing
  bool certain;           // false: at the start of a sentence, where every word has a capital
};

// In order, as long as they go: "Anna Petrova", "New York". `words`: words_of(text). English and Russian names have
// capitals; those of weekdays and months, and of sentences that are written in capitals, are none. A Korean name is one
// by what follows it: 민수 씨, 박 과장님, 서울에서.
std::vector<Name> names_of(std::string_view text, std::span<const Word> words);

}  // namespace loam
