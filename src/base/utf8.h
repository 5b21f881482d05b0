// UTF-8 in and out, one code point at a time; invalid bytes never get lost or read past the end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

inline constexpr char32_t kReplacement = 0xFFFD;

struct CodePoint {
  char32_t value;  // kReplacement where the bytes are not valid
  int bytes;       // 1…4; an invalid byte counts alone
  bool valid;
};

// The code point at text[i], i < text.size(). Overlong forms, surrogates and values above U+10FFFF are invalid.
CodePoint decode_utf8_sequence(std::string_view text, size_t i);
inline CodePoint decode_utf8(std::string_view text, size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  return byte < 0x80 ? CodePoint{byte, 1, true} : decode_utf8_sequence(text, i);
}
void append_utf8(std::string& out, char32_t value);
std::string to_utf8(char32_t value);

// All code points, invalid bytes as kReplacement each.
std::vector<char32_t> code_points(std::string_view text);
size_t count_code_points(std::string_view text);
bool is_valid_utf8(std::string_view text);
// The text with every invalid byte replaced by U+FFFD.
std::string sanitize_utf8(std::string_view text);

// Length of the longest prefix that does not end inside a sequence which further bytes could still complete.
size_t complete_utf8_prefix(std::string_view text);

// Control characters as \xNN (for names and texts that come from files and go to a terminal or log).
std::string escape_control(std::string_view text);

}  // namespace loam
