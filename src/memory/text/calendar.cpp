#include "memory/text/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace loam {
namespace {

namespace chrono = std::chrono;

UnixTime begin_of(chrono::sys_days day) {
  return chrono::duration_cast<chrono::milliseconds>(day.time_since_epoch()).count();
}

chrono::sys_days day_of(UnixTime time) {
  // Times of files and requests may be anything: they are kept within the years that a calendar has.
  constexpr UnixTime kFarthest = 250'000'000'000'000;  // in the year 9892
  const chrono::milliseconds since(std::clamp(time, -kFarthest / 5, kFarthest));
  return chrono::floor<chrono::days>(chrono::sys_time<chrono::milliseconds>(since));
}

bool is_year(int year) { return year >= 1 && year <= 9999; }

TimeRange months_from(int year, unsigned month, int n) {
  const auto first = chrono::year_month(chrono::year(year), chrono::month(month));
  return {begin_of(chrono::sys_days(first / 1)), begin_of(chrono::sys_days((first + chrono::months(n)) / 1))};
}

}  // namespace

CalendarDate date_of(UnixTime time) {
  const chrono::year_month_day date(day_of(time));
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())};
}

std::optional<TimeRange> day_range(int year, unsigned month, unsigned day) {
  const auto date = chrono::year(year) / chrono::month(month) / chrono::day(day);
  if (!is_year(year) || !date.ok()) return std::nullopt;
  const UnixTime from = begin_of(chrono::sys_days(date));
  return TimeRange{from, from + kDay};
}

std::optional<TimeRange> month_range(int year, unsigned month) {
  if (!is_year(year) || month < 1 || month > 12) return std::nullopt;
  return months_from(year, month, 1);
}

std::optional<TimeRange> year_range(int year) {
  if (!is_year(year)) return std::nullopt;
  return months_from(year, 1, 12);
}

TimeRange calendar_unit(UnixTime time, TimeUnit unit, int n) {
  const chrono::sys_days day = day_of(time);
  const chrono::year_month_day date(day);
  switch (unit) {
    case TimeUnit::hour: {
      const UnixTime from = (time / kHour + n) * kHour;
      return {from, from + kHour};
    }
    case TimeUnit::day: {
      const UnixTime from = begin_of(day + chrono::days(n));
      return {from, from + kDay};
    }
    case TimeUnit::week: {
      const auto since_monday = chrono::weekday(day) - chrono::Monday;
      const UnixTime from = begin_of(day - since_monday + chrono::weeks(n));
      return {from, from + 7 * kDay};
    }
    case TimeUnit::month: {
      const auto month = date.year() / date.month() + chrono::months(n);
      return months_from(static_cast<int>(month.year()), static_cast<unsigned>(month.month()), 1);
    }
    case TimeUnit::year: return months_from(static_cast<int>(date.year()) + n, 1, 12);
  }
  return {time, time};
}

UnixTime length_of(TimeUnit unit) {
  constexpr std::array<UnixTime, 5> kLengths = {kHour, kDay, 7 * kDay, 30 * kDay, 365 * kDay};
  return kLengths[static_cast<size_t>(unit)];
}

std::string iso_date(UnixTime time) {
  const CalendarDate date = date_of(time);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

}  // namespace loam
