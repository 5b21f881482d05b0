#include "app/option_checks.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdlib>

namespace loam {
namespace {

OptionCheck with(CLI::Validator validator) {
  return [validator = std::move(validator)](CLI::Option& option) { option.check(validator); };
}

}  // namespace

OptionCheck integer_between(int64_t min, int64_t max) {
  const auto check = [=](std::string& text) -> std::string {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size() && value >= min && value <= max) return {};
    return fmt::format("{} is not a whole number from {} to {}", text, min, max);
  };
  return with(CLI::Validator(check, "", "integer range"));
}

OptionCheck number_between(double min, double max) {
  const auto check = [=](std::string& text) -> std::string {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == '\0' && value >= min && value <= max) return {};
    return fmt::format("{} is not a number from {} to {}", text, min, max);
  };
  return with(CLI::Validator(check, "", "number range"));
}

OptionCheck one_of(std::vector<std::string> values) { return with(CLI::IsMember(std::move(values))); }

}  // namespace loam
