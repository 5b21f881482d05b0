// SentencePiece's spelling of spaces: a token's stored text has ▁ (U+2581) for each of them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace loam {

inline constexpr std::string_view kEscapedSpace = "\xE2\x96\x81";

// Appends the text with a space for each ▁.
inline void append_unescaped(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size();) {
    const size_t mark = std::min(text.find(kEscapedSpace, i), text.size());
    out += text.substr(i, mark - i);
    if (mark < text.size()) out += ' ';
    i = mark + kEscapedSpace.size();
  }
}

inline std::string unescape_space(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_unescaped(text, out);
  return out;
}

// Whether unescape_space(text) == plain.
inline bool has_plain_text(std::string_view text, std::string_view plain) {
  size_t i = 0;
  for (const char c : plain) {
    const bool mark = c == ' ' && text.substr(i).starts_with(kEscapedSpace);
    if (!mark && (i >= text.size() || c == ' ' || text[i] != c)) return false;
    i += mark ? kEscapedSpace.size() : 1;
  }
  return i == text.size();
}

// The text with a ▁ for each space.
inline std::string escape_space(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      out += kEscapedSpace;
    } else {
      out += c;
    }
  }
  return out;
}

// Bytes of unescape_space(text).
inline size_t unescaped_length(std::string_view text) {
  size_t marks = 0;
  for (size_t i = text.find(kEscapedSpace); i != text.npos; i = text.find(kEscapedSpace, i + 1)) ++marks;
  return text.size() - marks * (kEscapedSpace.size() - 1);
}

}  // namespace loam
