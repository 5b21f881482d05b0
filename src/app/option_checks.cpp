#include "app/option_checks.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>

namespace loam {

CLI::Validator integer_between(int64_t min, int64_t max) {
  const auto check = [=](std::string& text) -> std::string {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size() && value >= min && value <= max) return {};
    return fmt::format("{} is not a whole number from {} to {}", text, min, max);
  };
  return CLI::Validator(check, "", "integer range");
}

CLI::Validator number_between(double min, double max) {
  const auto check = [=](std::string& text) -> std::string {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == '\0' && value >= min && value <= max) return {};
    return fmt::format("{} is not a number from {} to {}", text, min, max);
  };
  return CLI::Validator(check, "", "number range");
}

}  // namespace loam
