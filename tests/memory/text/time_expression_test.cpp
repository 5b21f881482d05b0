#include "memory/text/time_expression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace loam {
namespace {

UnixTime at_noon(int year, unsigned month, unsigned day) { return day_range(year, month, day)->from + kDay / 2; }

// Wednesday, 13 March 2024
const UnixTime kNow = at_noon(2024, 3, 13);

struct TimeCase {
  std::string text;
  UnixTime from, to;
};

TimeCase on(std::string text, int year, unsigned month, unsigned day) {
  const auto range = day_range(year, month, day);
  return {std::move(text), range->from, range->to};
}
TimeCase in_month(std::string text, int year, unsigned month) {
  const auto range = month_range(year, month);
  return {std::move(text), range->from, range->to};
}
TimeCase in_year(std::string text, int year) {
  const auto range = year_range(year);
  return {std::move(text), range->from, range->to};
}

void expect_ranges(const std::vector<TimeCase>& cases) {
  for (const TimeCase& each : cases) {
    const auto found = find_time_expression(each.text, kNow);
    ASSERT_TRUE(found.has_value()) << each.text;
    EXPECT_EQ(found->from, each.from) << each.text << ": off by days " << (found->from - each.from) / kDay;
    EXPECT_EQ(found->to, each.to) << each.text << ": off by days " << (found->to - each.to) / kDay;
  }
}

TEST(TimeExpression, Days) {
  expect_ranges({on("What did I say yesterday?", 2024, 3, 12), on("what was it the day before yesterday", 2024, 3, 11),
                 on("three days ago", 2024, 3, 10), on("a couple of days ago I said", 2024, 3, 11),
                 on("a few days ago", 2024, 3, 10), on("last Friday", 2024, 3, 8), on("on Wednesday", 2024, 3, 6),
                 on("어제는 뭐라고 했지", 2024, 3, 12), on("3일 전에 한 말", 2024, 3, 10), on("이틀 전", 2024, 3, 11),
                 on("그저께 얘기한 것", 2024, 3, 11), on("지난 금요일에", 2024, 3, 8),
                 on("что я говорил вчера?", 2024, 3, 12), on("позавчера", 2024, 3, 11),
                 on("пять дней назад", 2024, 3, 8), on("в прошлую пятницу", 2024, 3, 8)});
}

TEST(TimeExpression, WeeksMonthsYears) {
  const UnixTime week = 7 * kDay;
  const UnixTime monday = day_range(2024, 3, 11)->from;
  expect_ranges({{"last week", monday - week, monday},
                 {"지난주에 뭐 했지", monday - week, monday},
                 {"저번 주", monday - week, monday},
                 {"на прошлой неделе", monday - week, monday},
                 {"this week", monday, monday + week},
                 {"two weeks ago", kNow - 2 * week - week / 2, kNow - 2 * week + week / 2},
                 {"2주 전", kNow - 2 * week - week / 2, kNow - 2 * week + week / 2},
                 {"две недели назад", kNow - 2 * week - week / 2, kNow - 2 * week + week / 2},
                 {"неделю назад", kNow - week - week / 2, kNow - week + week / 2},
                 {"за последние три дня", kNow - 3 * kDay, kNow + 1},
                 {"in the past month", kNow - 30 * kDay, kNow + 1},
                 {"최근 3일", kNow - 3 * kDay, kNow + 1},
                 in_month("last month", 2024, 2),
                 in_month("지난달", 2024, 2),
                 in_month("в прошлом месяце", 2024, 2),
                 in_year("작년에", 2023),
                 in_year("last year", 2023),
                 in_year("в 2022 году", 2022),
                 in_year("what happened in 2021?", 2021)});
}

TEST(TimeExpression, Dates) {
  expect_ranges({on("on 2024-03-05", 2024, 3, 5), on("05.03.2024", 2024, 3, 5), on("2024.03.05", 2024, 3, 5),
                 on("3/5/2024", 2024, 3, 5), on("25/12/2023", 2023, 12, 25), on("5 March 2023", 2023, 3, 5),
                 on("the 5th of March", 2024, 3, 5), on("March 20, 2023", 2023, 3, 20),
                 on("December 24th", 2023, 12, 24), on("5 марта 2024 года", 2024, 3, 5), on("24 декабря", 2023, 12, 24),
                 on("2024년 3월 5일에", 2024, 3, 5), on("12월 24일", 2023, 12, 24), in_month("in March 2023", 2023, 3),
                 in_month("in May", 2023, 5), in_month("в марте", 2024, 3), in_month("2023년 7월", 2023, 7),
                 in_month("11월에", 2023, 11), in_year("2023년에", 2023)});
}

TEST(TimeExpression, WordsThatOnlyLookAlike) {
  for (const char* text :
       {"I may go", "march on!", "they march", "a context of 2048 tokens", "전체 3일", "last but not least",
        "7 days a week", "2 + 2", "это месяц", "한 달이 길다", "30.02.2024", "", "99/99/2024"}) {
    EXPECT_FALSE(find_time_expression(text, kNow).has_value()) << text;
  }
}

TEST(TimeExpression, AnyNowIsSafe) {
  for (const UnixTime now : {INT64_MIN, INT64_MAX, UnixTime{0}, UnixTime{-1}}) {
    for (const char* text : {"yesterday", "9999 years ago", "last month", "12월 24일", "on Monday", "3 hours ago"}) {
      EXPECT_NO_THROW(find_time_expression(text, now)) << text;
    }
  }
}

}  // namespace
}  // namespace loam
