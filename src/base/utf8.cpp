#include "base/utf8.h"

#include <cstdio>

namespace loam {
namespace {

// Bytes that a sequence starting with `lead` has; 0 where no sequence starts so.
int sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The bytes allowed after `lead` (RFC 3629, table in section 4): overlong forms and surrogates are cut off here.
bool valid_second(unsigned char lead, unsigned char second) {
  if (lead == 0xE0) return second >= 0xA0 && second <= 0xBF;
  if (lead == 0xED) return second >= 0x80 && second <= 0x9F;
  if (lead == 0xF0) return second >= 0x90 && second <= 0xBF;
  if (lead == 0xF4) return second >= 0x80 && second <= 0x8F;
  return second >= 0x80 && second <= 0xBF;
}

bool continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

CodePoint decode_utf8_sequence(std::string_view text, size_t i) {
  const CodePoint invalid{kReplacement, 1, false};
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[i + k]); };
  const int length = sequence_length(byte(0));
  if (length == 1) return {byte(0), 1, true};
  if (length == 0 || text.size() - i < static_cast<size_t>(length) || !valid_second(byte(0), byte(1))) return invalid;
  char32_t value = byte(0) & (0x7Fu >> length);
  for (int k = 1; k < length; ++k) {
    if (!continuation(byte(k))) return invalid;
    value = value << 6 | (byte(k) & 0x3Fu);
  }
  return {value, length, true};
}

void append_utf8(std::string& out, char32_t value) {
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = kReplacement;
  if (value < 0x80) {
    out += static_cast<char>(value);
    return;
  }
  const int length = value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
  static constexpr unsigned char kLead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[length] | value >> (6 * (length - 1)));
  for (int k = length - 2; k >= 0; --k) out += static_cast<char>(0x80 | (value >> (6 * k) & 0x3F));
}

std::string to_utf8(char32_t value) {
  std::string out;
  append_utf8(out, value);
  return out;
}

std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    out.push_back(c.value);
    i += c.bytes;
  }
  return out;
}

size_t count_code_points(std::string_view text) {
  size_t n = 0;
  for (size_t i = 0; i < text.size(); i += decode_utf8(text, i).bytes) ++n;
  return n;
}

bool is_valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    if (!c.valid) return false;
    i += c.bytes;
  }
  return true;
}

std::string sanitize_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    append_utf8(out, c.value);
    i += c.bytes;
  }
  return out;
}

size_t complete_utf8_prefix(std::string_view text) {
  const size_t n = text.size();
  for (size_t back = 1; back <= 3 && back <= n; ++back) {
    const auto lead = static_cast<unsigned char>(text[n - back]);
    if (continuation(lead)) continue;
    const bool open = static_cast<size_t>(sequence_length(lead)) > back;
    if (!open) return n;
    const bool possible = back == 1 || valid_second(lead, static_cast<unsigned char>(text[n - back + 1]));
    return possible ? n - back : n;
  }
  return n;
}

std::string escape_control(std::string_view text) {
  std::string out;
  for (const char c : sanitize_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out += c;
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02X", byte);
    out += escaped;
  }
  return out;
}

}  // namespace loam
