// Metadata values as people read them: long texts and arrays abbreviated, control characters escaped.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "file/metadata.h"

namespace loam {

// Escaped, and cut with an ellipsis after `limit` code points.
std::string shorten(std::string_view text, size_t limit);
// "42", "\"text\"", "[151936 × string: \"!\", \"\\\"\", …]"
std::string metadata_text(const MetaValue& value);
// Arrays as {"type", "n", "first": […]}, texts in full.
nlohmann::ordered_json metadata_json(const MetaValue& value);

}  // namespace loam
