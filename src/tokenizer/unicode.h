// Unicode properties of code points, as bits that pre-tokenisers and normalisers test.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/utf8.h"

namespace loam {

using CharClasses = uint8_t;
inline constexpr CharClasses kLetter = 1;          // category L
inline constexpr CharClasses kNumber = 2;          // N
inline constexpr CharClasses kMark = 4;            // M
inline constexpr CharClasses kPunctuation = 8;     // P
inline constexpr CharClasses kSymbol = 16;         // S
inline constexpr CharClasses kSpace = 32;          // property White_Space
inline constexpr CharClasses kControl = 64;        // Cc, Cf, Co, Cs
inline constexpr CharClasses kDecimalDigit = 128;  // Nd, beside kNumber

CharClasses classes_of(char32_t value);

// One character of a text; `bytes` is 0 past the end.
struct Char {
  char32_t value = 0;
  int bytes = 0;
  CharClasses classes = 0;

  bool is(CharClasses any) const { return (classes & any) != 0; }
  explicit operator bool() const { return bytes > 0; }
};

Char char_at(std::string_view text, size_t i);

// Code points that BERT's tokenisers take as words of their own (CJK ideographs).
bool is_cjk_ideograph(char32_t value);

}  // namespace loam
