// Range checks of option values; CLI11 adds the option's name to what they say.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>

namespace loam {

CLI::Validator integer_between(int64_t min, int64_t max);
// Refuses NaN, which every comparison lets through.
CLI::Validator number_between(double min, double max);

}  // namespace loam
