#include "memory/persona/png_text.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/error.h"

namespace loam {
namespace {

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";
constexpr size_t kMostPngTextBytes = 8 << 20;

[[noreturn]] void fail_png(const std::string& message, size_t offset) {
  throw Error(Error::Code::invalid, "PNG: " + message, fmt::format("byte {}", offset));
}

uint32_t big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// CRC-32 as in PNG's annex D, bit by bit: a card has a few hundred kilobytes.
uint32_t crc32_of(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
  }
  return ~crc;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

bool is_png(std::string_view file) { return file.starts_with(kPngSignature); }

// A chunk: length (4 bytes), type (4), data, checksum of type and data (4).
std::optional<std::string> find_png_text(std::string_view file, std::string_view keyword) {
  for (size_t at = kPngSignature.size(); at < file.size();) {
    if (file.size() - at < 12) fail_png("the file ends within a chunk", at);
    const size_t length = big_endian(file.substr(at));
    if (length > file.size() - at - 12) fail_png(fmt::format("a chunk of {} bytes goes beyond the file", length), at);
    const std::string_view type = file.substr(at + 4, 4), data = file.substr(at + 8, length);
    const bool wanted =
        type == "tEXt" && data.size() > keyword.size() && data.starts_with(keyword) && data[keyword.size()] == '\0';
    if (wanted) {
      if (length > kMostPngTextBytes) fail_png(fmt::format("a text of {} bytes; 8 MiB are read at most", length), at);
      if (crc32_of(file.substr(at + 4, length + 4)) != big_endian(file.substr(at + 8 + length)))
        fail_png("the text's checksum differs: the file is damaged", at);
      return std::string(data.substr(keyword.size() + 1));
    }
    if (type == "IEND") break;
    at += length + 12;
  }
  return std::nullopt;
}

std::string decode_base64(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int n_bits = 0, n_padding = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=' && ++n_padding <= 2) continue;
    const int digit = base64_digit(c);
    if (digit < 0 || n_padding > 0) throw Error(Error::Code::invalid, "is not base64", fmt::format("byte {}", i));
    bits = bits << 6 | static_cast<uint32_t>(digit);
    n_bits += 6;
    if (n_bits < 8) continue;
    n_bits -= 8;
    bytes += static_cast<char>(bits >> n_bits & 0xFF);
  }
  if (n_bits == 6) throw Error(Error::Code::invalid, "base64 ends too early", fmt::format("byte {}", text.size()));
  return bytes;
}

}  // namespace loam
