#include "memory/text/words.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/utf8.h"
#include "memory/text/english_stemmer.h"
#include "memory/text/korean_stemmer.h"
#include "memory/text/russian_stemmer.h"
#include "memory/text/stop_words.h"

namespace loam {
namespace {

constexpr size_t kLongestWord = 64;  // code points

enum class Script { none, digit, latin, cyrillic, hangul, ideograph, other, mark };

bool within(char32_t c, char32_t first, char32_t last) { return first <= c && c <= last; }

Script script_of_letter(char32_t c) {
  if (within(c, 0x41, 0x24F) || within(c, 0x1E00, 0x1EFF) || within(c, 0xFB00, 0xFB06) || within(c, 0xFF21, 0xFF5A)) {
    return Script::latin;
  }
  if (within(c, 0x400, 0x52F)) return Script::cyrillic;
  if (within(c, 0xAC00, 0xD7A3) || within(c, 0x1100, 0x11FF) || within(c, 0x3131, 0x318E)) return Script::hangul;
  if (within(c, 0x3040, 0x30FF) || within(c, 0x3400, 0x9FFF) || within(c, 0xF900, 0xFAFF) ||
      within(c, 0x20000, 0x3FFFF)) {
    return Script::ideograph;
  }
  return Script::other;
}

Script script_of(char32_t c) {
  if (c < 0x80) {
    if (within(c, 'a', 'z') || within(c, 'A', 'Z')) return Script::latin;
    return within(c, '0', '9') ? Script::digit : Script::none;
  }
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return script_of_letter(c);
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC: return Script::mark;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NO: return Script::digit;
    default: return Script::none;
  }
}

Language language_of(Script script) {
  switch (script) {
    case Script::latin: return Language::en;
    case Script::cyrillic: return Language::ru;
    case Script::hangul: return Language::ko;
    default: return Language::other;
  }
}

bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019; }

// One run of characters that belong together.
struct Run {
  size_t begin, end;
  Script script;  // of its letters; digit where it has none
};

class RunReader {
 public:
  explicit RunReader(std::string_view text) : text_(text) {}

  bool next(Run& run) {
    while (place_ < text_.size() && !starts_word(script_at(place_))) place_ += decode_utf8(text_, place_).bytes;
    if (place_ >= text_.size()) return false;
    run = {place_, place_, script_at(place_)};
    for (size_t n = 0; place_ < text_.size() && n < kLongestWord; ++n) {
      const CodePoint point = decode_utf8(text_, place_);
      const Script script = script_of(point.value);
      if (!continues(run, script, point)) break;
      if (script != Script::none && script != Script::mark && run.script == Script::digit) run.script = script;
      place_ += static_cast<size_t>(point.bytes);
      run.end = place_;
    }
    return true;
  }

 private:
  static bool starts_word(Script script) { return script != Script::none && script != Script::mark; }
  Script script_at(size_t place) const { return script_of(decode_utf8(text_, place).value); }

  // Latin and Cyrillic words may hold digits ("qwen2", "D1"); no other script does.
  static bool mixes(Script a, Script b) {
    if (a == b || b == Script::mark) return true;
    const auto takes_digits = [](Script script) { return script == Script::latin || script == Script::cyrillic; };
    return (a == Script::digit && takes_digits(b)) || (b == Script::digit && takes_digits(a));
  }

  bool continues(const Run& run, Script script, const CodePoint& point) const {
    if (script != Script::none) return mixes(run.script, script);
    const size_t after = place_ + static_cast<size_t>(point.bytes);
    if (run.end == run.begin || after >= text_.size()) return false;
    const Script next = script_at(after);
    if (is_apostrophe(point.value)) return run.script == Script::latin && next == Script::latin;
    const bool digit_before = within(static_cast<unsigned char>(text_[place_ - 1]), '0', '9');
    return (point.value == '.' || point.value == ':') && digit_before && next == Script::digit;
  }

  std::string_view text_;
  size_t place_ = 0;
};

std::string map_utf8(std::string_view text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto n =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &mapped, static_cast<utf8proc_option_t>(options));
  if (n < 0) return {};
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return {reinterpret_cast<const char*>(mapped), static_cast<size_t>(n)};
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string fold_run(std::string_view text, Script script) {
  if (is_ascii(text)) {
    std::string folded(text);
    for (char& c : folded) c = within(static_cast<unsigned char>(c), 'A', 'Z') ? static_cast<char>(c + 32) : c;
    return folded;
  }
  int options = UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STABLE | UTF8PROC_IGNORE;
  if (script == Script::latin) options |= UTF8PROC_STRIPMARK;
  std::string folded;
  const std::string mapped = map_utf8(text, options);
  for (size_t i = 0; i < mapped.size();) {
    const CodePoint point = decode_utf8(mapped, i);
    i += static_cast<size_t>(point.bytes);
    if (point.value <= ' ') continue;  // some ligatures stand for several words
    append_utf8(folded, point.value == U'ё' ? U'е' : is_apostrophe(point.value) ? U'\'' : point.value);
  }
  return folded;
}

bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return within(static_cast<unsigned char>(c), '0', '9'); });
}

std::string stem_of(const std::string& folded, Script script) {
  if (has_digit(folded)) return folded;
  switch (script) {
    case Script::latin: return stem_english(folded);
    case Script::cyrillic: return stem_russian(folded);
    case Script::hangul: return stem_korean(folded);
    default: return folded;
  }
}

// Chinese and Japanese have no spaces: every pair of neighbouring characters, or the one there is.
void add_character_pairs(std::vector<Word>& words, std::string_view text, const Run& run) {
  size_t first = run.begin;
  for (;;) {
    const size_t second = first + static_cast<size_t>(decode_utf8(text, first).bytes);
    const size_t end = second < run.end ? second + static_cast<size_t>(decode_utf8(text, second).bytes) : second;
    if (second >= run.end && first != run.begin) return;
    const std::string_view pair = text.substr(first, end - first);
    words.push_back({fold_run(pair, Script::ideograph), pair, first, Language::other, false});
    if (second >= run.end) return;
    first = second;
  }
}

Script script_of_text(std::string_view text) {
  for (size_t i = 0; i < text.size(); i += static_cast<size_t>(decode_utf8(text, i).bytes)) {
    const Script script = script_of(decode_utf8(text, i).value);
    if (script == Script::latin) return script;
  }
  return Script::other;
}

}  // namespace

std::string_view language_name(Language language) {
  constexpr std::array<std::string_view, 4> kNames = {"en", "ru", "ko", "other"};
  return kNames[static_cast<size_t>(language)];
}

Language detect_language(std::string_view text) {
  std::array<size_t, 4> letters{};
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text, i);
    i += static_cast<size_t>(point.bytes);
    const Script script = script_of(point.value);
    if (script == Script::none || script == Script::digit || script == Script::mark) continue;
    // A Hangul syllable or an ideograph holds two or three letters.
    const size_t weight = script == Script::hangul || script == Script::ideograph ? 2 : 1;
    letters[static_cast<size_t>(language_of(script))] += weight;
  }
  const auto most = std::ranges::max_element(letters);
  return *most == 0 ? Language::other : static_cast<Language>(most - letters.begin());
}

std::string fold_word(std::string_view word) { return fold_run(word, script_of_text(word)); }

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  RunReader reader(text);
  for (Run run{}; reader.next(run);) {
    const std::string_view piece = text.substr(run.begin, run.end - run.begin);
    if (run.script == Script::ideograph) {
      add_character_pairs(words, text, run);
      continue;
    }
    const std::string folded = fold_run(piece, run.script);
    if (folded.empty()) continue;
    const Language language = language_of(run.script);
    std::string stem = stem_of(folded, run.script);
    // "어디였지" is a form of "어디".
    const bool stop = is_stop_word(folded, language) || (language == Language::ko && is_stop_word(stem, language));
    words.push_back({std::move(stem), piece, run.begin, language, stop});
  }
  return words;
}

}  // namespace loam
