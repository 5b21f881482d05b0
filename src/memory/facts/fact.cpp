#include "memory/facts/fact.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

// Each holds one value at a time; "favourite" is one for each kind ("favourite.colour").
constexpr std::array<std::string_view, 23> kSingleValued = {
    "name",          "age",           "birthday",       "home",       "origin",
    "job",           "employer",      "relationship",   "partner",    "native_language",
    "height",        "weight",        "blood_type",     "phone",      "email",
    "address",       "favourite",     "detail",         "habit.wake", "habit.sleep",
    "family.mother", "family.father", "family.children"};

constexpr bool is_vowel_or_sign(char32_t c) {
  constexpr std::u32string_view kEndings = U"аеёийоуыэюяь";
  return kEndings.find(c) != std::u32string_view::npos;
}

// Москва, Москве, Москву → москв: enough to see that two mentions are one thing.
void drop_russian_ending(std::u32string& word) {
  if (word.size() < 4 || word.back() < U'а' || word.back() > U'ё') return;
  for (int i = 0; i < 2 && word.size() > 3 && is_vowel_or_sign(word.back()); ++i) word.pop_back();
}

std::string shown_attribute(const std::string& attribute) {
  std::string shown = attribute;
  std::ranges::replace(shown, '_', ' ');
  const size_t dot = shown.find('.');
  return dot == std::string::npos ? shown : fmt::format("{} ({})", shown.substr(0, dot), shown.substr(dot + 1));
}

}  // namespace

bool is_single_valued(std::string_view attribute) {
  const auto listed = [](std::string_view name) {
    return std::ranges::find(kSingleValued, name) != kSingleValued.end();
  };
  return listed(attribute) || attribute.starts_with("favourite.") || attribute.starts_with("detail.");
}

std::string fact_value_key(std::string_view value) {
  std::string key;
  std::u32string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    drop_russian_ending(word);
    if (!key.empty()) key += ' ';
    for (const char32_t c : word) append_utf8(key, c);
    word.clear();
  };
  for (const char32_t c : code_points(value)) {
    const auto lower = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    const bool in_word = category <= UTF8PROC_CATEGORY_NO || c == U'+' || c == U'#' || c == U'@' || c == U'.';
    if (in_word)
      word += lower;
    else
      end_word();
  }
  end_word();
  return key;
}

UnixTime end_of_date(std::string_view date) {
  using namespace std::chrono;
  std::array<int, 3> parts = {0, 1, 1};
  size_t n = 0;
  const char *at = date.data(), *end = at + date.size();
  while (n < parts.size() && at != end) {
    const auto read = std::from_chars(at, end, parts[n++]);
    if (read.ec != std::errc() || (read.ptr != end && *read.ptr != '-')) n = 9;
    at = read.ptr == end ? end : read.ptr + 1;
  }
  const year_month_day day{year(parts[0]), month(static_cast<unsigned>(parts[1])),
                           std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (n == 0 || n > 3 || at != end || date.ends_with("-") || parts[0] < 1000 || parts[0] > 9999 || !day.ok()) {
    throw Error(Error::Code::invalid, fmt::format("'{}' is no date; write it as 2025-03-01, 2025-03 or 2025", date),
                "as-of");
  }
  const sys_days after = n == 3   ? sys_days(day) + days(1)
                         : n == 2 ? sys_days(day + months(1))
                                  : sys_days(day + years(1));
  return duration_cast<milliseconds>(after.time_since_epoch()).count() - 1;
}

std::string render_facts(const std::vector<Fact>& facts) {
  std::string lines;
  for (const Fact& fact : facts) {
    const std::string whose = fact.subject == "user" ? "" : fact.subject + ", ";
    const std::string until = fact.valid_to == 0 ? "" : " to " + iso_date(fact.valid_to);
    lines += fmt::format("- {}{}: {} ({}{})\n", whose, shown_attribute(fact.attribute), fact.value,
                         iso_date(fact.valid_from), until);
  }
  return lines;
}

}  // namespace loam
