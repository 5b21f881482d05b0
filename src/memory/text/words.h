// The words of a text, as search, facts, emotions and patterns look at them: folded, without endings, with their place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

enum class Language { en, ru, ko, other };
std::string_view language_name(Language language);  // "en"

// By the script that most of the letters are of; Latin counts as English. `other` where there are none.
Language detect_language(std::string_view text);

struct Word {
  std::string term;       // folded (NFKC, lower case, Latin letters without accents) and stemmed: "running" → "run"
  std::string_view text;  // as it stands in the text
  size_t offset;          // of `text`, in bytes
  Language language;      // by its script; `other` for numbers
  bool stop;              // says nothing about what the text is about
};

// In order. English by Snowball's stemmer, Russian by Snowball's, Korean by the first two syllables before the
// particle, Chinese and Japanese by pairs of characters; numbers and identifiers as they are ("3.5", "d1:3"). A word
// ends where the script changes ("GGUF가" are two); endless runs of letters are cut into words of at most 64 code
// points. Views point into `text`.
std::vector<Word> words_of(std::string_view text);

// Lower case, NFKC, Latin letters without accents, ё as е, ’ as ': what `term` is before it is stemmed.
std::string fold_word(std::string_view word);

}  // namespace loam
