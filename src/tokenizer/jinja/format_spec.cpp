#include "tokenizer/jinja/format_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

constexpr int64_t kMaxPrecision = 400;  // more digits than any double has before or after its point

std::string group_digits(const std::string& digits, char separator, size_t every) {
  const size_t whole = std::min(digits.size(), digits.find_first_not_of("0123456789abcdefABCDEF"));
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (separator && i > 0 && i < whole && (whole - i) % every == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string sign_of(bool negative, char sign) {
  if (negative) return "-";
  return sign == '-' ? "" : std::string(1, sign);
}

}  // namespace

int64_t read_number(std::string_view text, size_t& i) {
  int64_t value = 0;
  while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
    if (value > INT32_MAX) throw Fault{"size: a width or precision in a format is too large"};
    value = value * 10 + (text[i++] - '0');
  }
  return value;
}

void append_padded(Heap& heap, Builder& out, const Spec& spec, std::string_view text, size_t sign_size, char align) {
  heap.charge(text.size(), Work::search);
  const int64_t missing = spec.width - static_cast<int64_t>(count_code_points(text));
  const int64_t before = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  if (align == '=') out += text.substr(0, sign_size);
  out.repeat(spec.fill, before);
  out += align == '=' ? text.substr(sign_size) : text;
  out.repeat(spec.fill, missing - std::max<int64_t>(before, 0));
}

void charge_digits(Heap& heap, double value, int64_t decimals) {
  const double size = std::isfinite(value) ? std::max(0.0, std::log10(std::abs(value) + 1)) : 0;
  heap.step(2 + static_cast<int64_t>(size) + std::clamp<int64_t>(decimals, 0, kMaxPrecision));
}

std::string format_integer(int64_t value, const Spec& spec) {
  const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  std::string digits, prefix;
  switch (spec.type) {
    case 'x': digits = fmt::format("{:x}", magnitude), prefix = "0x"; break;
    case 'X': digits = fmt::format("{:X}", magnitude), prefix = "0X"; break;
    case 'o': digits = fmt::format("{:o}", magnitude), prefix = "0o"; break;
    case 'b': digits = fmt::format("{:b}", magnitude), prefix = "0b"; break;
    default: digits = fmt::format("{}", magnitude);
  }
  if (spec.precision > static_cast<int64_t>(digits.size())) {
    digits.insert(0, static_cast<size_t>(std::min(spec.precision, kMaxPrecision)) - digits.size(), '0');
  }
  const size_t every = prefix.empty() ? 3 : 4;
  return sign_of(value < 0, spec.sign) + (spec.alternate ? prefix : "") + group_digits(digits, spec.grouping, every);
}

std::string format_float(Heap& heap, double value, const Spec& spec) {
  const double magnitude = std::abs(value);
  const int precision = static_cast<int>(std::min(spec.precision < 0 ? 6 : spec.precision, kMaxPrecision));
  charge_digits(heap, value, precision);
  std::string digits;
  switch (spec.type) {
    case 'f':
    case 'F':
    case '%': digits = fmt::format("{:.{}f}", spec.type == '%' ? magnitude * 100 : magnitude, precision); break;
    case 'e': digits = fmt::format("{:.{}e}", magnitude, precision); break;
    case 'E': digits = fmt::format("{:.{}E}", magnitude, precision); break;
    case 'g': digits = fmt::format("{:.{}g}", magnitude, precision); break;
    case 'G': digits = fmt::format("{:.{}G}", magnitude, precision); break;
    default: digits = spec.precision < 0 ? float_repr(magnitude) : fmt::format("{:.{}g}", magnitude, precision);
  }
  if (spec.type == '%') digits += '%';
  return sign_of(std::signbit(value) && !std::isnan(value), spec.sign) + group_digits(digits, spec.grouping, 3);
}

size_t sign_size(std::string_view text) {
  const bool sign = !text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == ' ');
  const std::string_view digits = text.substr(sign ? 1 : 0);
  const bool prefix =
      digits.size() > 1 && digits[0] == '0' && std::string_view("xXob").find(digits[1]) != std::string_view::npos;
  return (sign ? 1 : 0) + (prefix ? 2 : 0);
}

std::string cut(Heap& heap, std::string text, int64_t precision) {
  return precision < 0 ? text : text.substr(0, byte_offset(heap, text, precision, false));
}

}  // namespace loam::jinja
