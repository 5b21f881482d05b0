// The types that keys and values can be kept in, by the names that people write.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/dtype.h"

namespace loam {

// The largest first.
inline constexpr std::array kKvTypes = {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0};

std::vector<std::string> kv_type_names();  // "f32", "f16", …
// Error(invalid) that lists the names.
DType parse_kv_type(std::string_view name);

}  // namespace loam
