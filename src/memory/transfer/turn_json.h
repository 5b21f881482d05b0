// A turn as one line of JSON, without loss, and back.
#pragma once

#include <string>
#include <string_view>

#include "memory/turn.h"

namespace loam {

std::string turn_to_json(const Turn& turn);  // without a line end
// Error(invalid) naming the field, with `where` = "line N".
Turn turn_from_json(std::string_view line, int64_t number);

}  // namespace loam
