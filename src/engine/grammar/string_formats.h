// The values of JSON schema's `format` that are enforced, as regular expressions.
#pragma once

#include <string_view>

namespace loam {

// Of the whole string; empty for formats that are taken as notes to the reader.
std::string_view format_pattern(std::string_view format);

}  // namespace loam
