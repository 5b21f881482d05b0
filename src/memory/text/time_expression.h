// When a text speaks of: "two weeks ago", "지난주", "в прошлом месяце", "5 March 2024".
#pragma once

#include <optional>
#include <string_view>

#include "memory/text/calendar.h"

namespace loam {

// The first expression of time in an English, Korean or Russian text, as seen from `now`; what says no year is taken to
// be past. nullopt where there is none.
std::optional<TimeRange> find_time_expression(std::string_view text, UnixTime now);

}  // namespace loam
