// What `loam quantize` and `loam convert` share: types by their names, and what a plan comes to.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "file/quantize.h"

namespace loam {

// "REGEX=TYPE" each → the type of the first whose expression is found in a tensor's name. Error(invalid).
std::function<std::optional<DType>(std::string_view)> parse_tensor_types(const std::vector<std::string>& texts);

std::string list_of_mixes(bool json);
std::string plan_text(const QuantizePlan& plan, const std::string& out);
std::string plan_json(const QuantizePlan& plan, const std::string& out);

}  // namespace loam
