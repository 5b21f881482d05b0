// The properties of characters that the parts of a tokenizer.json ask for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "tokenizer/unicode.h"

namespace loam::hf {

inline bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
inline bool is_white_space(char32_t c) { return (classes_of(c) & kSpace) != 0; }
inline bool is_numeric(char32_t c) { return (classes_of(c) & kNumber) != 0; }
inline bool is_mark(char32_t c) { return (classes_of(c) & kMark) != 0; }
inline bool is_punctuation(char32_t c) {
  return (classes_of(c) & kPunctuation) != 0 || (c < 128 && (classes_of(c) & kSymbol) != 0);
}
bool is_nonspacing(char32_t c);      // category Mn
bool is_other(char32_t c);           // categories C
bool is_word_character(char32_t c);  // letters, marks, digits and connectors
void append_lower(char32_t c, std::string& out);

// Where white space that begins at `begin` ends, and where white space that ends at `end` begins.
size_t end_of_space(std::string_view text, size_t begin);
size_t start_of_space(std::string_view text, size_t end);
// Where the character before `end` begins; end > 0.
size_t previous_character(std::string_view text, size_t end);

}  // namespace loam::hf
