#include "tokenizer/byte_level.h"

#include <array>

#include "base/utf8.h"

namespace loam {
namespace {

constexpr bool spells_itself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

constexpr int kOthers = 68;  // bytes that do not spell themselves

struct Spelling {
  std::array<char32_t, 256> of_byte{};
  std::array<unsigned char, 0x100 + kOthers> byte_of{};
};

constexpr Spelling make_spelling() {
  Spelling spelling;
  char32_t other = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    spelling.of_byte[byte] = spells_itself(byte) ? static_cast<char32_t>(byte) : other++;
    spelling.byte_of[spelling.of_byte[byte]] = static_cast<unsigned char>(byte);
  }
  return spelling;
}

constexpr Spelling kSpelling = make_spelling();

bool spells_a_byte(char32_t c) {
  return c < kSpelling.byte_of.size() && (c >= 0x100 || spells_itself(static_cast<int>(c)));
}

}  // namespace

char32_t spelling_of_byte(unsigned char byte) { return kSpelling.of_byte[byte]; }

void append_spelled(std::string_view stored, std::string& out) {
  for (size_t i = 0; i < stored.size();) {
    const CodePoint c = decode_utf8(stored, i);
    if (c.valid && spells_a_byte(c.value)) {
      out += static_cast<char>(kSpelling.byte_of[c.value]);
    } else {
      out += stored.substr(i, c.bytes);
    }
    i += c.bytes;
  }
}

}  // namespace loam
