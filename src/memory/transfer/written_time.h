// Times as exports and people write them: "2025-06-29T17:38:05.5Z", "29.06.2025 at 17:38", "6/29/2025 5:38 PM".
#pragma once

#include <optional>
#include <string_view>

#include "memory/turn.h"

namespace loam {

// Without a zone it is the local time of this machine, without an hour the beginning of the day; nothing where the text
// is no date. Of two numbers before a year the first is the day, but with slashes the month unless it is above 12.
std::optional<UnixTime> parse_written_time(std::string_view text);

}  // namespace loam
