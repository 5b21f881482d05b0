#include "memory/text/time_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace loam {
namespace {

template <class Value>
using Named = std::pair<std::string_view, Value>;

template <class Value>
std::optional<Value> find_whole(std::span<const Named<Value>> names, std::string_view word) {
  for (const auto& [name, value] : names) {
    if (word == name) return value;
  }
  return std::nullopt;
}

template <class Value>
std::optional<Value> find_beginning(std::span<const Named<Value>> names, std::string_view word) {
  for (const auto& [name, value] : names) {
    if (word.starts_with(name)) return value;
  }
  return std::nullopt;
}

constexpr Named<int> kNumbers[] = {
    {"a", 1},      {"an", 1},       {"one", 1},     {"two", 2},    {"three", 3},  {"four", 4},    {"five", 5},
    {"six", 6},    {"seven", 7},    {"eight", 8},   {"nine", 9},   {"ten", 10},   {"eleven", 11}, {"twelve", 12},
    {"couple", 2}, {"few", 3},      {"several", 4}, {"한", 1},     {"두", 2},     {"세", 3},      {"네", 4},
    {"다섯", 5},   {"여섯", 6},     {"일곱", 7},    {"여덟", 8},   {"아홉", 9},   {"열", 10},     {"몇", 3},
    {"один", 1},   {"одну", 1},     {"одна", 1},    {"два", 2},    {"две", 2},    {"три", 3},     {"четыре", 4},
    {"пять", 5},   {"шесть", 6},    {"семь", 7},    {"восемь", 8}, {"девять", 9}, {"десять", 10}, {"пару", 2},
    {"пара", 2},   {"несколько", 3}};

constexpr Named<TimeUnit> kUnits[] = {
    {"hour", TimeUnit::hour},   {"hours", TimeUnit::hour},   {"day", TimeUnit::day},      {"days", TimeUnit::day},
    {"week", TimeUnit::week},   {"weeks", TimeUnit::week},   {"month", TimeUnit::month},  {"months", TimeUnit::month},
    {"year", TimeUnit::year},   {"years", TimeUnit::year},   {"시간", TimeUnit::hour},    {"일", TimeUnit::day},
    {"주", TimeUnit::week},     {"주일", TimeUnit::week},    {"주에", TimeUnit::week},    {"달", TimeUnit::month},
    {"달에", TimeUnit::month},  {"개월", TimeUnit::month},   {"년", TimeUnit::year},      {"해", TimeUnit::year},
    {"час", TimeUnit::hour},    {"часа", TimeUnit::hour},    {"часов", TimeUnit::hour},   {"день", TimeUnit::day},
    {"дня", TimeUnit::day},     {"дней", TimeUnit::day},     {"дни", TimeUnit::day},      {"неделя", TimeUnit::week},
    {"недели", TimeUnit::week}, {"неделе", TimeUnit::week},  {"неделю", TimeUnit::week},  {"недель", TimeUnit::week},
    {"месяц", TimeUnit::month}, {"месяца", TimeUnit::month}, {"месяце", TimeUnit::month}, {"месяцев", TimeUnit::month},
    {"год", TimeUnit::year},    {"года", TimeUnit::year},    {"году", TimeUnit::year},    {"лет", TimeUnit::year}};

constexpr Named<unsigned> kMonths[] = {
    {"january", 1}, {"february", 2},  {"march", 3},    {"april", 4},     {"may", 5},       {"june", 6}, {"july", 7},
    {"august", 8},  {"september", 9}, {"october", 10}, {"november", 11}, {"december", 12}, {"jan", 1},  {"feb", 2},
    {"mar", 3},     {"apr", 4},       {"jun", 6},      {"jul", 7},       {"aug", 8},       {"sep", 9},  {"sept", 9},
    {"oct", 10},    {"nov", 11},      {"dec", 12},     {"май", 5},       {"мая", 5},       {"мае", 5}};
constexpr Named<unsigned> kRussianMonths[] = {{"январ", 1},   {"феврал", 2}, {"март", 3},   {"апрел", 4},
                                              {"июн", 6},     {"июл", 7},    {"август", 8}, {"сентябр", 9},
                                              {"октябр", 10}, {"ноябр", 11}, {"декабр", 12}};

constexpr Named<unsigned> kWeekdays[] = {
    {"monday", 0}, {"tuesday", 1}, {"wednesday", 2},   {"thursday", 3}, {"friday", 4}, {"saturday", 5},
    {"sunday", 6}, {"월요일", 0},  {"화요일", 1},      {"수요일", 2},   {"목요일", 3}, {"금요일", 4},
    {"토요일", 5}, {"일요일", 6},  {"понедельник", 0}, {"вторник", 1},  {"сред", 2},   {"четверг", 3},
    {"пятниц", 4}, {"суббот", 5},  {"воскресень", 6}};

// Korean ones may carry a particle; the longer before those that they begin with.
constexpr TimeWord kTimeWords[] = {
    {"today", TimeUnit::day, 0},      {"tonight", TimeUnit::day, 0},   {"yesterday", TimeUnit::day, -1},
    {"오늘", TimeUnit::day, 0},       {"엊그제", TimeUnit::day, -2},   {"그저께", TimeUnit::day, -2},
    {"그제", TimeUnit::day, -2},      {"어제", TimeUnit::day, -1},     {"어젯밤", TimeUnit::day, -1},
    {"지지난주", TimeUnit::week, -2}, {"지난주", TimeUnit::week, -1},  {"저번주", TimeUnit::week, -1},
    {"이번주", TimeUnit::week, 0},    {"지난달", TimeUnit::month, -1}, {"저번달", TimeUnit::month, -1},
    {"이번달", TimeUnit::month, 0},   {"재작년", TimeUnit::year, -2},  {"작년", TimeUnit::year, -1},
    {"지난해", TimeUnit::year, -1},   {"올해", TimeUnit::year, 0},     {"сегодня", TimeUnit::day, 0},
    {"позавчера", TimeUnit::day, -2}, {"вчера", TimeUnit::day, -1}};

constexpr SpanWord kSpanWords[] = {
    {"하루", TimeUnit::day, 1},      {"이틀", TimeUnit::day, 2},      {"사흘", TimeUnit::day, 3},
    {"나흘", TimeUnit::day, 4},      {"보름", TimeUnit::day, 15},     {"일주일", TimeUnit::week, 1},
    {"한주", TimeUnit::week, 1},     {"한달", TimeUnit::month, 1},    {"두달", TimeUnit::month, 2},
    {"세달", TimeUnit::month, 3},    {"반년", TimeUnit::month, 6},    {"일년", TimeUnit::year, 1},
    {"полгода", TimeUnit::month, 6}, {"fortnight", TimeUnit::week, 2}};

template <size_t n>
bool is_one_of(const std::string_view (&words)[n], std::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

// ASCII words must be whole; Korean and Russian ones may go on with a particle or an ending.
bool is_form_of(std::string_view word, std::string_view name) {
  return static_cast<unsigned char>(name.front()) < 0x80 ? word == name : word.starts_with(name);
}

}  // namespace

std::optional<int> number_word(std::string_view word) {
  int number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && number >= 0 && number <= 9999) {
    const std::string_view rest = word.substr(static_cast<size_t>(end - word.data()));
    constexpr std::string_view kOrdinals[] = {"", "st", "nd", "rd", "th"};
    if (is_one_of(kOrdinals, rest)) return number;
  }
  return find_whole<int>(kNumbers, word);
}

std::optional<TimeUnit> unit_word(std::string_view word) { return find_whole<TimeUnit>(kUnits, word); }

std::optional<unsigned> month_word(std::string_view word) {
  const auto whole = find_whole<unsigned>(kMonths, word);
  return whole ? whole : find_beginning<unsigned>(kRussianMonths, word);
}

std::optional<unsigned> weekday_word(std::string_view word) {
  for (const auto& [name, day] : kWeekdays) {
    if (is_form_of(word, name)) return day;
  }
  return std::nullopt;
}

const TimeWord* find_time_word(std::string_view word) {
  const auto* found =
      std::ranges::find_if(kTimeWords, [&](const TimeWord& each) { return is_form_of(word, each.word); });
  return found == std::end(kTimeWords) ? nullptr : found;
}

const SpanWord* find_span_word(std::string_view word) {
  const auto* found = std::ranges::find(kSpanWords, word, &SpanWord::word);
  return found == std::end(kSpanWords) ? nullptr : found;
}

bool is_ago_word(std::string_view word) {
  constexpr std::string_view kAgo[] = {"ago", "전", "전에", "전의", "전쯤", "전에는", "назад"};
  return is_one_of(kAgo, word);
}

bool is_last_word(std::string_view word) {
  constexpr std::string_view kLast[] = {"last",    "previous", "지난",    "저번",    "прошлой",
                                        "прошлом", "прошлый",  "прошлую", "прошлого"};
  return is_one_of(kLast, word);
}

bool is_this_word(std::string_view word) {
  constexpr std::string_view kThis[] = {"this", "이번", "этой", "этом", "этот", "эту"};
  return is_one_of(kThis, word);
}

bool is_recent_word(std::string_view word) {
  constexpr std::string_view kRecent[] = {"past",      "last",      "최근",      "지난",
                                          "последние", "последний", "последнюю", "последних"};
  return is_one_of(kRecent, word);
}

}  // namespace loam
