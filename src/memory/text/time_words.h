// The words that expressions of time are made of, in English, Korean and Russian.
#pragma once

#include <optional>
#include <string_view>

#include "memory/text/calendar.h"

namespace loam {

// All take a folded word (`fold_word`).
std::optional<int> number_word(std::string_view word);        // "3", "5th", "two", "couple", "두", "две"
std::optional<TimeUnit> unit_word(std::string_view word);     // "weeks", "주", "недели"
std::optional<unsigned> month_word(std::string_view word);    // 1…12: "march", "марта"
std::optional<unsigned> weekday_word(std::string_view word);  // 0 is Monday

// Words that mean a time by themselves: "yesterday", "지난주", "позавчера".
struct TimeWord {
  std::string_view word;
  TimeUnit unit;
  int offset;  // in units from now
};
const TimeWord* find_time_word(std::string_view word);

// Words that mean a length: "이틀" is 2 days.
struct SpanWord {
  std::string_view word;
  TimeUnit unit;
  int n;
};
const SpanWord* find_span_word(std::string_view word);

bool is_ago_word(std::string_view word);     // "ago", "전", "назад"
bool is_last_word(std::string_view word);    // "last", "지난", "прошлой"
bool is_this_word(std::string_view word);    // "this", "이번", "этом"
bool is_recent_word(std::string_view word);  // "past", "최근", "последние"

}  // namespace loam
