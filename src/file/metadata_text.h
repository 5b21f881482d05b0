// Metadata values as people read them: long texts and arrays abbreviated, control characters escaped.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "file/metadata.h"

namespace loam {

// "u8" … "f64", "bool", "string", "array"
std::string_view meta_type_name(MetaType type);
// Escaped, and cut with an ellipsis after `limit` code points.
std::string shorten(std::string_view text, size_t limit);
// "42", "\"text\"", "[151936 × string: \"!\", \"\\\"\", …]"
std::string metadata_text(const MetaValue& value);
// Arrays as {"type", "n", "first": […]}, texts in full.
nlohmann::ordered_json metadata_json(const MetaValue& value);

}  // namespace loam
