#include "memory/text/token_estimate.h"

#include "base/utf8.h"

namespace loam {

double token_weight(char32_t c) {
  if (c < 0x80) {
    const auto ascii = static_cast<char>(c);
    if ((ascii >= 'a' && ascii <= 'z') || (ascii >= 'A' && ascii <= 'Z')) return 0.24;
    if (ascii == ' ') return 0.02;
    return ascii >= '0' && ascii <= '9' ? 0.5 : 0.6;
  }
  if (c >= 0x0400 && c < 0x0530) return 0.42;  // Cyrillic
  if (c < 0x0250) return 0.4;                  // Latin with accents
  return c >= 0xAC00 && c < 0xD7A4 ? 0.7 : 0.9;
}

size_t estimate_tokens(std::string_view text) {
  double tokens = 0;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text, i);
    tokens += token_weight(point.value);
    i += static_cast<size_t>(point.bytes);
  }
  return static_cast<size_t>(tokens + 0.999);
}

}  // namespace loam
