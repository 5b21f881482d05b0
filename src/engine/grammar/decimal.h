// Decimal numbers as digits: bounds of JSON numbers, compared exactly.
#pragma once

#include <compare>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace loam {

struct Decimal {
  bool negative = false;
  std::string whole = "0";    // without leading zeros
  std::string fraction = {};  // without trailing zeros

  // `value` is a number, taken with the digits that its shortest text has.
  static Decimal of(const nlohmann::ordered_json& value);

  bool is_zero() const { return whole == "0" && fraction.empty(); }
  Decimal magnitude() const { return {false, whole, fraction}; }
  std::strong_ordering operator<=>(const Decimal& other) const;
  bool operator==(const Decimal&) const = default;
};

}  // namespace loam
