#include "tokenizer/unicode.h"

#include <utf8proc.h>

#include <array>

namespace loam {
namespace {

// https://www.unicode.org/Public/UCD/latest/ucd/PropList.txt, White_Space
bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

CharClasses category_classes(char32_t value) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(value))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return kLetter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return kMark;
    case UTF8PROC_CATEGORY_ND: return kNumber | kDecimalDigit;
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return kNumber;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO: return kPunctuation;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO: return kSymbol;
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: return kControl;
    default: return 0;
  }
}

CharClasses compute_classes(char32_t value) {
  return category_classes(value) | (is_white_space(value) ? kSpace : CharClasses{0});
}

constexpr CharClasses ascii_class(char c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return kLetter;
  if (c >= '0' && c <= '9') return kNumber | kDecimalDigit;
  if (c == ' ') return kSpace;
  if (c >= '\t' && c <= '\r') return kSpace | kControl;
  if (c < ' ' || c == 0x7F) return kControl;
  return std::string_view("$+<=>^`|~").find(c) != std::string_view::npos ? kSymbol : kPunctuation;
}

constexpr std::array<CharClasses, 128> ascii_classes() {
  std::array<CharClasses, 128> table{};
  for (int c = 0; c < 128; ++c) table[c] = ascii_class(static_cast<char>(c));
  return table;
}

constexpr std::array<CharClasses, 128> kAscii = ascii_classes();

}  // namespace

CharClasses classes_of(char32_t value) { return value < 128 ? kAscii[value] : compute_classes(value); }

Char char_at(std::string_view text, size_t i) {
  if (i >= text.size()) return {};
  const auto byte = static_cast<unsigned char>(text[i]);
  if (byte < 0x80) return {byte, 1, kAscii[byte]};
  const CodePoint c = decode_utf8(text, i);
  return {c.value, c.bytes, classes_of(c.value)};
}

bool is_cjk_ideograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

}  // namespace loam
