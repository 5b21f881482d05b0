// How deep JSON nests, found out without going any deeper: what copies, prints or walks it goes as deep as it nests.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loam {

inline bool is_deeper(const nlohmann::ordered_json& value, int limit) {
  if (!value.is_structured()) return false;
  return limit == 0 || std::ranges::any_of(value, [&](const auto& item) { return is_deeper(item, limit - 1); });
}

}  // namespace loam
