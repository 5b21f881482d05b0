#include "memory/text/names.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/utf8.h"
#include "memory/text/time_words.h"

namespace loam {
namespace {

using Terms = std::unordered_set<std::string>;

constexpr size_t kMostWordsOfName = 4;

// The words of the list as words_of stems them, so that all their forms count.
Terms terms_of(std::string_view list) {
  Terms terms;
  for (const Word& word : words_of(list)) terms.insert(word.term);
  return terms;
}

struct Cues {
  Terms before, behind;
};

const Cues& person_cues() {
  static const Cues cues{
      terms_of("mr mrs ms miss dr doctor prof professor with met aunt uncle brother sister friend colleague boss wife "
               "husband son daughter mother father cousin neighbour neighbor teacher girlfriend boyfriend "
               "с со господин госпожа доктор профессор тётя дядя бабушка дедушка брат сестра друг подруга коллега "
               "начальник жена муж сын дочь сосед соседка учитель учительница"),
      terms_of("said says told asked thinks called calls wrote laughed cried invited "
               "сказал сказала говорит спросил спросила позвонил позвонила написал написала думает пригласила")};
  return cues;
}

const Cues& place_cues() {
  static const Cues cues{terms_of("in at near around visited city town lake river "
                                  "в во из около город города озеро река посёлок деревня"),
                         terms_of("city lake river street airport")};
  return cues;
}

const Cues& project_cues() {
  static const Cues cues{terms_of("project app repository library codenamed проект приложение библиотека"),
                         terms_of("project app repository library")};
  return cues;
}

// What Korean puts behind the names of people, places and projects.
constexpr std::array<std::string_view, 10> kKoreanTitles = {"씨",   "님",   "선생", "교수", "과장",
                                                            "팀장", "부장", "대리", "언니", "오빠"};
constexpr std::array<std::string_view, 12> kKoreanPlaces = {"서울", "부산", "대구", "인천", "광주", "대전",
                                                            "제주", "강릉", "강남", "일본", "중국", "미국"};
constexpr std::string_view kKoreanProject = "프로젝트";

bool begins_with_any(std::string_view text, std::span<const std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return text.starts_with(beginning); });
}

class NameFinder {
 public:
  NameFinder(std::string_view text, std::span<const Word> words) : text_(text), words_(words) {
    size_t n_words = 0, n_capitals = 0, n_shouted = 0;
    for (const Word& word : words_) {
      if (!has_capitals(word) || count_code_points(word.text) < 2) continue;
      ++n_words;
      n_capitals += is_capital(word) ? 1 : 0;
      n_shouted += is_capital(word) && !has_small_letter(word.text) ? 1 : 0;
    }
    tells_nothing_ = 2 * n_shouted > n_words || (n_words > 3 && 4 * n_capitals > 3 * n_words);
  }

  std::vector<Name> find() {
    for (size_t i = 0; i < words_.size();) {
      const size_t n = words_[i].language == Language::ko ? find_korean(i) : find_capitals(i);
      i += std::max<size_t>(n, 1);
    }
    return std::move(names_);
  }

 private:
  static bool has_capitals(const Word& word) { return word.language == Language::en || word.language == Language::ru; }

  static bool is_capital(const Word& word) {
    return has_capitals(word) && category_of_first(word.text) == UTF8PROC_CATEGORY_LU;
  }

  static utf8proc_category_t category_of_first(std::string_view text, size_t* size = nullptr) {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    utf8proc_int32_t letter = 0;
    const auto n = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &letter);
    if (size != nullptr) *size = n > 0 ? static_cast<size_t>(n) : text.size();
    return n > 0 ? utf8proc_category(letter) : UTF8PROC_CATEGORY_CN;
  }

  static bool has_small_letter(std::string_view text) {
    for (size_t size = 0; !text.empty(); text.remove_prefix(size))
      if (category_of_first(text, &size) == UTF8PROC_CATEGORY_LL) return true;
    return false;
  }

  bool may_be_name(size_t i) const {
    const Word& word = words_[i];
    if (!is_capital(word) || word.stop || count_code_points(word.text) < 2) return false;
    const std::string folded = fold_word(word.text);
    return !month_word(folded) && !weekday_word(folded) && find_time_word(folded) == nullptr;
  }

  std::string_view between(size_t i) const {
    const size_t end = words_[i].offset + words_[i].text.size();
    return text_.substr(end, words_[i + 1].offset - end);
  }

  bool starts_sentence(size_t i) const {
    if (i == 0) return true;
    const std::string_view gap = between(i - 1);
    if (gap.find_first_of("!?:\n\"*#") != std::string_view::npos || gap.find("“") != std::string_view::npos ||
        gap.find("«") != std::string_view::npos)
      return true;
    return gap.find('.') != std::string_view::npos && !person_cues().before.contains(words_[i - 1].term);  // "Dr. "
  }

  // → how many words were looked at
  size_t find_capitals(size_t i) {
    if (tells_nothing_ || !may_be_name(i)) return 1;
    size_t n = 1;
    while (n < kMostWordsOfName && i + n < words_.size() && may_be_name(i + n) && between(i + n - 1) == " ") ++n;
    if (n == 1 && is_title(i)) return 1;
    const size_t skipped = n > 1 && is_title(i) ? 1 : 0;  // "Professor Smith"
    const size_t first = i + skipped;
    names_.push_back({first, n - skipped, kind_of(first, n - skipped), skipped > 0 || !starts_sentence(i)});
    return n;
  }

  bool is_title(size_t i) const { return person_cues().before.contains(words_[i].term); }

  NameKind kind_of(size_t first, size_t n) const {
    const auto tells = [&](const Cues& cues) {
      const size_t end = first + n;
      return (first > 0 && cues.before.contains(words_[first - 1].term)) ||
             (end < words_.size() && cues.behind.contains(words_[end].term));
    };
    return tells(project_cues())  ? NameKind::project
           : tells(person_cues()) ? NameKind::person
           : tells(place_cues())  ? NameKind::place
                                  : NameKind::other;
  }

  size_t find_korean(size_t i) {
    const std::string_view word = words_[i].text;
    const std::string_view next = i + 1 < words_.size() && between(i) == " " ? words_[i + 1].text : "";
    if (begins_with_any(word, kKoreanPlaces)) return add_korean(i, NameKind::place);
    if (next.starts_with(kKoreanProject)) return add_korean(i, NameKind::project);
    if (word == kKoreanProject && !next.empty()) return 1 + add_korean(i + 1, NameKind::project);
    if (begins_with_any(next, kKoreanTitles) && count_code_points(word) <= 4) return add_korean(i, NameKind::person);
    return 1;
  }

  size_t add_korean(size_t i, NameKind kind) {
    if (!words_[i].stop && words_[i].language == Language::ko) names_.push_back({i, 1, kind, true});
    return 1;
  }

  const std::string_view text_;
  const std::span<const Word> words_;
  bool tells_nothing_;  // by its capitals: SHOUTED, or a Heading Like This One
  std::vector<Name> names_;
};

}  // namespace

std::string_view name_kind_name(NameKind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"name", "person", "place", "project"};
  return kNames[static_cast<size_t>(kind)];
}

std::vector<Name> names_of(std::string_view text, std::span<const Word> words) {
  return NameFinder(text, words).find();
}

}  // namespace loam
