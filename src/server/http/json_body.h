// JSON from the network, within bounds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace loam {

struct JsonLimits {
  int depth = 64;
  int number_digits = 1'000;
  int values = 1'000'000;  // of a mebibyte of "[]," there would be 20 of memory
};

// HttpError(400) with the place for anything that is not exactly one JSON value within the limits, in valid UTF-8, with
// numbers that fit a double.
nlohmann::ordered_json parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace loam
