#include "memory/text/time_expression.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "memory/text/time_words.h"
#include "memory/text/words.h"

namespace loam {
namespace {

constexpr UnixTime kFarthestTime = 250'000'000'000'000;  // in the year 9892: what is added to it does not overflow
constexpr size_t kMostTimeWords = 400;                   // of a text: who asks for a time says so early

class TimeReader {
 public:
  TimeReader(std::string_view text, UnixTime now) : now_(std::clamp(now, -kFarthestTime, kFarthestTime)) {
    for (const Word& word : words_of(text.substr(0, 8192))) {
      if (words_.size() < kMostTimeWords) words_.push_back(fold_word(word.text));
    }
  }

  std::optional<TimeRange> find() const {
    using Reader = std::optional<TimeRange> (TimeReader::*)(size_t) const;
    constexpr Reader kReaders[] = {&TimeReader::dotted,    &TimeReader::numeric,      &TimeReader::korean_date,
                                   &TimeReader::day_month, &TimeReader::month_day,    &TimeReader::ago,
                                   &TimeReader::recent,    &TimeReader::last_or_this, &TimeReader::day_before_yesterday,
                                   &TimeReader::word,      &TimeReader::weekday,      &TimeReader::year_alone};
    for (size_t i = 0; i < words_.size(); ++i) {
      for (const Reader reader : kReaders) {
        if (const auto range = (this->*reader)(i)) return range;
      }
    }
    return std::nullopt;
  }

 private:
  std::string_view at(size_t i) const { return i < words_.size() ? std::string_view(words_[i]) : std::string_view(); }

  std::optional<unsigned> digits(size_t i, unsigned least, unsigned most) const {
    const std::string_view text = at(i);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (number < least || number > most) return std::nullopt;
    return number;
  }
  std::optional<int> year(size_t i) const {
    const auto number = digits(i, 1900, 2199);
    if (!number) return std::nullopt;
    return static_cast<int>(*number);
  }
  std::optional<unsigned> day(size_t i) const {
    const auto number = number_word(at(i));
    const bool is_digits = !at(i).empty() && at(i)[0] >= '0' && at(i)[0] <= '9';
    if (!number || !is_digits || *number < 1 || *number > 31) return std::nullopt;
    return static_cast<unsigned>(*number);
  }

  // What names no year is the last that has been.
  std::optional<TimeRange> past_day(unsigned month, unsigned day) const {
    const int year = date_of(now_).year;
    const auto range = day_range(year, month, day);
    return range && range->from > now_ ? day_range(year - 1, month, day) : range;
  }
  std::optional<TimeRange> past_month(unsigned month) const {
    const CalendarDate today = date_of(now_);
    return month_range(month > today.month ? today.year - 1 : today.year, month);
  }

  // "05.03.2024"
  std::optional<TimeRange> dotted(size_t i) const {
    const std::string_view text = at(i);
    const size_t first = text.find('.'), last = text.rfind('.');
    if (first == std::string_view::npos || first == last) return std::nullopt;
    const TimeReader parts(text.substr(0, first), text.substr(first + 1, last - first - 1), text.substr(last + 1),
                           now_);
    if (const auto iso = parts.numeric(0); iso && parts.year(0)) return iso;
    const auto day = parts.digits(0, 1, 31), month = parts.digits(1, 1, 12);
    const auto year = parts.year(2);
    return day && month && year ? day_range(*year, *month, *day) : std::nullopt;
  }
  TimeReader(std::string_view a, std::string_view b, std::string_view c, UnixTime now)
      : now_(now), words_{std::string(a), std::string(b), std::string(c)} {}

  // "2024-03-05", "3/5/2024": the month first, where it can be one
  std::optional<TimeRange> numeric(size_t i) const {
    const auto second = digits(i + 1, 1, 31), third = digits(i + 2, 1, 31);
    if (const auto first_year = year(i); first_year && second && third) return day_range(*first_year, *second, *third);
    const auto first = digits(i, 1, 31);
    const auto last_year = year(i + 2);
    if (!first || !second || !last_year) return std::nullopt;
    return *first <= 12 ? day_range(*last_year, *first, *second) : day_range(*last_year, *second, *first);
  }

  // "2024년 3월 5일"
  std::optional<TimeRange> korean_date(size_t i) const {
    const auto number = at(i + 1).starts_with("년") ? year(i) : std::nullopt;
    const int named_year = number.value_or(0);  // 0: none
    const size_t month_at = named_year != 0 ? i + 2 : i;
    const auto month = at(month_at + 1).starts_with("월") ? digits(month_at, 1, 12) : std::nullopt;
    if (!month) return named_year != 0 ? year_range(named_year) : std::nullopt;
    const auto day_of_month = at(month_at + 3).starts_with("일") ? digits(month_at + 2, 1, 31) : std::nullopt;
    if (named_year == 0) return day_of_month ? past_day(*month, *day_of_month) : past_month(*month);
    return day_of_month ? day_range(named_year, *month, *day_of_month) : month_range(named_year, *month);
  }

  // "5 March 2024", "5th of March", "5 марта"
  std::optional<TimeRange> day_month(size_t i) const {
    const auto day_of_month = day(i);
    const size_t month_at = at(i + 1) == "of" ? i + 2 : i + 1;
    const auto month = month_word(at(month_at));
    if (!day_of_month || !month) return std::nullopt;
    if (const auto named_year = year(month_at + 1)) return day_range(*named_year, *month, *day_of_month);
    return past_day(*month, *day_of_month);
  }

  // "March 5, 2024", "March 2024", "in March", "в марте"
  std::optional<TimeRange> month_day(size_t i) const {
    const auto month = month_word(at(i));
    if (!month) return std::nullopt;
    if (const auto named_year = year(i + 1)) return month_range(*named_year, *month);
    if (const auto day_of_month = day(i + 1)) {
      if (const auto named_year = year(i + 2)) return day_range(*named_year, *month, *day_of_month);
      return past_day(*month, *day_of_month);
    }
    // "may" and "march" are verbs as well.
    const std::string_view before = i > 0 ? at(i - 1) : std::string_view();
    constexpr std::string_view kBefore[] = {"in", "since", "last", "of", "during", "until"};
    const bool may_be_verb = at(i) == "may" || at(i) == "march" || at(i) == "mar";
    if (may_be_verb && std::ranges::find(kBefore, before) == std::end(kBefore)) return std::nullopt;
    return past_month(*month);
  }

  TimeRange around_ago(int n, TimeUnit unit) const {
    if (unit == TimeUnit::day) return calendar_unit(now_, unit, -n);
    const UnixTime then = now_ - n * length_of(unit), half = length_of(unit) / 2;
    return {then - half, then + half};
  }

  // "two weeks ago", "a couple of days ago", "3일 전", "이틀 전", "неделю назад"
  std::optional<TimeRange> ago(size_t i) const {
    if (const SpanWord* span = find_span_word(at(i)); span != nullptr && is_ago_word(at(i + 1))) {
      return around_ago(span->n, span->unit);
    }
    const auto n = number_word(at(i));
    size_t next = n ? i + 1 : i;
    if (n && number_word(at(next)) && !unit_word(at(next))) ++next;  // "a few"
    if (n && at(next) == "of") ++next;
    const auto unit = unit_word(at(next));
    if (!unit || !is_ago_word(at(next + 1))) return std::nullopt;
    const auto inner = next > i + 1 ? number_word(at(i + 1)) : std::nullopt;
    return around_ago(inner.value_or(n.value_or(1)), *unit);
  }

  // "the past three days", "최근 3일", "за последние две недели"
  std::optional<TimeRange> recent(size_t i) const {
    if (!is_recent_word(at(i))) return std::nullopt;
    const auto n = number_word(at(i + 1));
    const auto unit = unit_word(at(n ? i + 2 : i + 1));
    if (!unit || (!n && is_last_word(at(i)))) return std::nullopt;
    return TimeRange{now_ - n.value_or(1) * length_of(*unit), now_ + 1};
  }

  // "last week", "지난 달", "в этом году", "last Friday"
  std::optional<TimeRange> last_or_this(size_t i) const {
    const bool last = is_last_word(at(i));
    if (!last && !is_this_word(at(i))) return std::nullopt;
    if (at(i + 1) == "night") return calendar_unit(now_, TimeUnit::day, -1);
    if (weekday_word(at(i + 1))) return weekday(i + 1);
    if (const auto month = month_word(at(i + 1))) return past_month(*month);
    const auto unit = unit_word(at(i + 1));
    if (!unit) return std::nullopt;
    return calendar_unit(now_, *unit, last ? -1 : 0);
  }

  std::optional<TimeRange> day_before_yesterday(size_t i) const {
    if (at(i) != "day" || at(i + 1) != "before" || at(i + 2) != "yesterday") return std::nullopt;
    return calendar_unit(now_, TimeUnit::day, -2);
  }

  std::optional<TimeRange> word(size_t i) const {
    const TimeWord* found = find_time_word(at(i));
    if (found == nullptr) return std::nullopt;
    return calendar_unit(now_, found->unit, found->offset);
  }

  std::optional<TimeRange> weekday(size_t i) const {
    const auto day_of_week = weekday_word(at(i));
    if (!day_of_week) return std::nullopt;
    const UnixTime in_this_week = calendar_unit(now_, TimeUnit::week, 0).from + *day_of_week * kDay;
    const UnixTime from = in_this_week + kDay > now_ ? in_this_week - 7 * kDay : in_this_week;
    return TimeRange{from, from + kDay};
  }

  // "in 2023", "в 2023 году"
  std::optional<TimeRange> year_alone(size_t i) const {
    const auto named_year = year(i);
    if (!named_year) return std::nullopt;
    constexpr std::string_view kBefore[] = {"in", "since", "during", "from", "в", "с", "за"};
    const bool announced = i > 0 && std::ranges::find(kBefore, at(i - 1)) != std::end(kBefore);
    if (!announced && unit_word(at(i + 1)) != TimeUnit::year) return std::nullopt;
    return year_range(*named_year);
  }

  const UnixTime now_;
  std::vector<std::string> words_;
};

}  // namespace

std::optional<TimeRange> find_time_expression(std::string_view text, UnixTime now) {
  return TimeReader(text, now).find();
}

}  // namespace loam
