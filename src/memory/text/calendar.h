// Days, weeks, months and years as ranges of time, in UTC.
#pragma once

#include <optional>
#include <string>

#include "memory/turn.h"

namespace loam {

// From `from` on, before `to`.
struct TimeRange {
  UnixTime from, to;
};

enum class TimeUnit { hour, day, week, month, year };

inline constexpr UnixTime kHour = 3'600'000;
inline constexpr UnixTime kDay = 24 * kHour;

struct CalendarDate {
  int year;
  unsigned month, day;  // from 1
};
CalendarDate date_of(UnixTime time);
std::string iso_date(UnixTime time);  // "2025-03-01", in UTC
// The days, months, years that begin there; nullopt where there is no such date. Years 1 to 9999.
std::optional<TimeRange> day_range(int year, unsigned month, unsigned day);
std::optional<TimeRange> month_range(int year, unsigned month);
std::optional<TimeRange> year_range(int year);
// The hour, day, week (from Monday), month, year that holds `time`, moved by `n` such units: -1 is the last one.
TimeRange calendar_unit(UnixTime time, TimeUnit unit, int n);
// About how long it is.
UnixTime length_of(TimeUnit unit);

}  // namespace loam
