#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>

#include "memory/emotion/emotion.h"
#include "memory/patterns/patterns.h"

namespace loam {
namespace {

constexpr size_t kLanguages = 3;
using Names = std::array<std::string_view, kLanguages>;  // en, ru, ko

constexpr std::array<Names, 7> kWeekdays = {{{"Sundays", "воскресеньям", "일요일"},
                                             {"Mondays", "понедельникам", "월요일"},
                                             {"Tuesdays", "вторникам", "화요일"},
                                             {"Wednesdays", "средам", "수요일"},
                                             {"Thursdays", "четвергам", "목요일"},
                                             {"Fridays", "пятницам", "금요일"},
                                             {"Saturdays", "субботам", "토요일"}}};

constexpr std::array<Names, kEmotionLabels> kEmotions = {{{"anger", "гнев", "분노"},
                                                          {"disgust", "отвращение", "혐오"},
                                                          {"fear", "страх", "두려움"},
                                                          {"joy", "радость", "기쁨"},
                                                          {"neutral", "спокойствие", "평온"},
                                                          {"sadness", "грусть", "슬픔"},
                                                          {"surprise", "удивление", "놀람"}}};

// {0} the first item, {1} what it goes with, {2} sessions, {3} where the four hours end, {4}, {5} first and last day.
constexpr std::array<Names, 5> kSentences = {{
    {"possible pattern: “{0}” and “{1}” come up together ({2} conversations)",
     "возможная закономерность: «{0}» и «{1}» упоминаются вместе (разговоров: {2})",
     "가능한 패턴: “{0}”와(과) “{1}”이(가) 함께 나옵니다 (대화 {2}개)"},
    {"possible pattern: where “{0}” comes up there is {1} ({2} conversations)",
     "возможная закономерность: где речь о «{0}», там {1} (разговоров: {2})",
     "가능한 패턴: “{0}” 이야기에는 {1}이(가) 따릅니다 (대화 {2}개)"},
    {"possible pattern: “{0}” came up unusually often from {4} to {5} ({2} conversations)",
     "возможная закономерность: «{0}» необычно часто с {4} по {5} (разговоров: {2})",
     "가능한 패턴: “{0}”이(가) {4}부터 {5}까지 유난히 자주 나왔습니다 (대화 {2}개)"},
    {"possible pattern: “{0}” comes up on {1} ({2} conversations)",
     "возможная закономерность: «{0}» бывает по {1} (разговоров: {2})",
     "가능한 패턴: “{0}”은(는) {1}에 나옵니다 (대화 {2}개)"},
    {"possible pattern: “{0}” comes up between {1}:00 and {3}:00 ({2} conversations)",
     "возможная закономерность: «{0}» бывает между {1}:00 и {3}:00 (разговоров: {2})",
     "가능한 패턴: “{0}”은(는) {1}시에서 {3}시 사이에 나옵니다 (대화 {2}개)"},
}};

size_t column_of(Language language) { return language == Language::ru ? 1 : language == Language::ko ? 2 : 0; }

std::string emotion_word(const std::string& name, size_t column) {
  for (size_t i = 0; i < kEmotionLabels; ++i) {
    if (emotion_label_name(static_cast<EmotionLabel>(i)) == name) return std::string(kEmotions[i][column]);
  }
  return name;
}

std::string day_of(UnixTime time) {
  const auto seconds = static_cast<std::time_t>(time / 1000);
  std::tm day{};
  gmtime_r(&seconds, &day);
  return fmt::format("{:04}-{:02}-{:02}", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

}  // namespace

std::string describe_pattern(const TurnPattern& pattern, Language language) {
  const size_t column = column_of(language);
  const std::string first = pattern.items.empty() ? "" : emotion_word(pattern.items[0], column);
  std::string second = pattern.items.size() > 1 ? pattern.items[1] : "";
  const int number = std::atoi(second.c_str());
  if (pattern.kind == PatternKind::weekday) second = kWeekdays[static_cast<size_t>(std::abs(number)) % 7][column];
  if (pattern.kind == PatternKind::emotion) second = emotion_word(second, column);
  return fmt::format(fmt::runtime(kSentences[static_cast<size_t>(pattern.kind)][column]), first, second,
                     pattern.n_sessions, number + 4, day_of(pattern.first), day_of(pattern.last));
}

}  // namespace loam
