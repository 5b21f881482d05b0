#include "base/human_bytes.h"

#include <fmt/format.h>

#include <array>

namespace loam {

std::string human_bytes(uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr std::array<const char*, 6> kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1000;  // 999.95 would show as 1000.0
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string with_commas(int64_t n) {
  const std::string digits = fmt::format("{}", n);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace loam
