#include "engine/grammar/decimal.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace loam {
namespace {

std::strong_ordering compare_magnitudes(const Decimal& a, const Decimal& b) {
  if (a.whole.size() != b.whole.size()) return a.whole.size() <=> b.whole.size();
  if (a.whole != b.whole) return a.whole <=> b.whole;
  return a.fraction <=> b.fraction;
}

}  // namespace

Decimal Decimal::of(const nlohmann::ordered_json& value) {
  std::string text = value.is_number_float() ? fmt::format("{}", value.get<double>()) : value.dump();
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  text.erase(0, decimal.negative);
  int exponent = 0;
  if (const size_t e = text.find('e'); e != std::string::npos) {
    exponent = std::atoi(text.c_str() + e + 1);  // at most three digits
    text.resize(e);
  }
  const size_t point = std::min(text.find('.'), text.size());
  std::string digits = text.substr(0, point) + (point < text.size() ? text.substr(point + 1) : "");
  int64_t n_whole = static_cast<int64_t>(point) + exponent;
  if (n_whole < 1) {
    digits.insert(0, static_cast<size_t>(1 - n_whole), '0');
    n_whole = 1;
  }
  if (static_cast<size_t>(n_whole) > digits.size()) digits.resize(static_cast<size_t>(n_whole), '0');
  decimal.whole = digits.substr(0, static_cast<size_t>(n_whole));
  decimal.fraction = digits.substr(static_cast<size_t>(n_whole));
  decimal.whole.erase(0, std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size() - 1));
  decimal.fraction.resize(decimal.fraction.find_last_not_of('0') + 1);
  if (decimal.is_zero()) decimal.negative = false;
  return decimal;
}

std::strong_ordering Decimal::operator<=>(const Decimal& other) const {
  if (negative != other.negative) return negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return negative ? compare_magnitudes(other, *this) : compare_magnitudes(*this, other);
}

}  // namespace loam
