#include "tokenizer/hf/characters.h"

#include <utf8proc.h>

namespace loam::hf {
namespace {

int category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

// Letters in circles and squares, which Unicode calls alphabetic though they are symbols.
bool is_enclosed_letter(char32_t c) {
  return (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) ||
         (c >= 0x1F170 && c <= 0x1F189);
}

constexpr char32_t kCapitalIWithDot = 0x130;  // the one capital whose small form is two characters

}  // namespace

bool is_nonspacing(char32_t c) { return category(c) == UTF8PROC_CATEGORY_MN; }

bool is_other(char32_t c) {
  const int found = category(c);
  return found == UTF8PROC_CATEGORY_CC || found == UTF8PROC_CATEGORY_CF || found == UTF8PROC_CATEGORY_CS ||
         found == UTF8PROC_CATEGORY_CO;
}

bool is_word_character(char32_t c) {
  return (classes_of(c) & (kLetter | kMark | kDecimalDigit)) != 0 || category(c) == UTF8PROC_CATEGORY_PC ||
         category(c) == UTF8PROC_CATEGORY_NL || c == 0x200C || c == 0x200D || is_enclosed_letter(c);
}

void append_lower(char32_t c, std::string& out) {
  if (c == kCapitalIWithDot) {
    out += "i\xCC\x87";
    return;
  }
  append_utf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
}

size_t end_of_space(std::string_view text, size_t begin) {
  while (begin < text.size()) {
    const CodePoint c = decode_utf8(text, begin);
    if (!is_white_space(c.value)) break;
    begin += static_cast<size_t>(c.bytes);
  }
  return begin;
}

size_t previous_character(std::string_view text, size_t end) {
  size_t begin = end - 1;
  while (begin > 0 && end - begin < 4 && (text[begin] & 0xC0) == 0x80) --begin;
  return begin;
}

size_t start_of_space(std::string_view text, size_t end) {
  while (end > 0) {
    const size_t begin = previous_character(text, end);
    if (!is_white_space(decode_utf8(text, begin).value)) break;
    end = begin;
  }
  return end;
}

}  // namespace loam::hf
