// Checks of option values; CLI11 adds the option's name to what they say.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace loam {

using OptionCheck = std::function<void(CLI::Option&)>;  // adds itself to the option

OptionCheck integer_between(int64_t min, int64_t max);
// Refuses NaN, which every comparison lets through.
OptionCheck number_between(double min, double max);
OptionCheck one_of(std::vector<std::string> values);

}  // namespace loam
