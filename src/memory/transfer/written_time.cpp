#include "memory/transfer/written_time.h"

#include <array>
#include <cmath>
#include <ctime>
#include <utility>

namespace loam {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads the text from its front, a number or a separator at a time.
class TimeScanner {
 public:
  explicit TimeScanner(std::string_view text) : rest_(text) {}

  std::optional<int> number(size_t most_digits) {
    size_t n = 0;
    int value = 0;
    while (n < rest_.size() && n < most_digits && is_digit(rest_[n])) value = value * 10 + (rest_[n++] - '0');
    if (n == 0 || (n < rest_.size() && is_digit(rest_[n]))) return std::nullopt;
    rest_.remove_prefix(n);
    return value;
  }
  bool skip(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }
  char skip_any(std::string_view which) {
    if (rest_.empty() || which.find(rest_[0]) == std::string_view::npos) return 0;
    const char taken = rest_[0];
    rest_.remove_prefix(1);
    return taken;
  }
  // Milliseconds of ".123456"; further digits are left out.
  int milliseconds() {
    if (!skip(".")) return 0;
    int value = 0, n = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1)) {
      if (n++ < 3) value = value * 10 + (rest_[0] - '0');
    }
    while (n++ < 3) value *= 10;
    return value;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct WrittenTime {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
  std::optional<int> zone_minutes;  // east of Greenwich

  bool is_sound() const {
    constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return year >= 1970 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= kDays[static_cast<size_t>(month) - 1] && hour <= 24 && minute < 60 && second <= 60;
  }
};

bool read_date(TimeScanner& scanner, WrittenTime& time) {
  const auto first = scanner.number(4);
  if (!first) return false;
  const char separator = scanner.skip_any("-./");
  if (separator == 0) return false;
  const auto second = scanner.number(2);
  if (!second || scanner.skip_any({&separator, 1}) == 0) return false;
  const auto third = scanner.number(4);
  if (!third) return false;
  time.month = *second;
  if (*first > 31) {
    time.year = *first, time.day = *third;
    return true;
  }
  time.year = *third, time.day = *first;
  if (separator == '/' && time.day <= 12) std::swap(time.day, time.month);
  return true;
}

bool read_hour(TimeScanner& scanner, WrittenTime& time) {
  const auto hour = scanner.number(2);
  if (!hour || !scanner.skip(":")) return false;
  const auto minute = scanner.number(2);
  if (!minute) return false;
  time.hour = *hour, time.minute = *minute;
  if (scanner.skip(":")) {
    const auto second = scanner.number(2);
    if (!second) return false;
    time.second = *second;
    time.millisecond = scanner.milliseconds();
  }
  scanner.skip_any(" ");
  const bool is_morning = scanner.skip("AM") || scanner.skip("am");
  if (!is_morning && !scanner.skip("PM") && !scanner.skip("pm")) return true;
  if (time.hour < 1 || time.hour > 12) return false;
  time.hour = time.hour % 12 + (is_morning ? 0 : 12);
  return true;
}

bool read_zone(TimeScanner& scanner, WrittenTime& time) {
  if (scanner.skip("Z") || scanner.skip("UTC")) {
    time.zone_minutes = 0;
    return true;
  }
  const char sign = scanner.skip_any("+-");
  if (sign == 0) return true;
  const auto hours = scanner.number(2);
  if (!hours) return false;
  const auto minutes = scanner.skip(":") ? scanner.number(2) : std::optional<int>(0);
  if (!minutes) return false;
  time.zone_minutes = (*hours * 60 + *minutes) * (sign == '-' ? -1 : 1);
  return true;
}

UnixTime to_unix_time(const WrittenTime& time) {
  std::tm parts{};
  parts.tm_year = time.year - 1900, parts.tm_mon = time.month - 1, parts.tm_mday = time.day;
  parts.tm_hour = time.hour, parts.tm_min = time.minute, parts.tm_sec = time.second;
  parts.tm_isdst = -1;
  const int64_t seconds =
      time.zone_minutes ? int64_t{timegm(&parts)} - *time.zone_minutes * 60 : int64_t{std::mktime(&parts)};
  return seconds * 1000 + time.millisecond;
}

}  // namespace

std::optional<UnixTime> parse_written_time(std::string_view text) {
  TimeScanner scanner(text);
  WrittenTime time;
  if (!read_date(scanner, time)) return std::nullopt;
  if (!scanner.at_end()) {
    if (!scanner.skip(" at ") && !scanner.skip(", ") && scanner.skip_any("T ") == 0) return std::nullopt;
    if (!read_hour(scanner, time) || !read_zone(scanner, time) || !scanner.at_end()) return std::nullopt;
  }
  if (!time.is_sound()) return std::nullopt;
  return to_unix_time(time);
}

}  // namespace loam
