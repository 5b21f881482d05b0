#include "memory/text/english_stemmer.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

namespace loam {
namespace {

struct EnglishEnding {
  std::string_view ending, becomes;
};

constexpr std::array kIrregular = {
    EnglishEnding{"skis", "ski"},      EnglishEnding{"skies", "sky"},    EnglishEnding{"dying", "die"},
    EnglishEnding{"lying", "lie"},     EnglishEnding{"tying", "tie"},    EnglishEnding{"idly", "idl"},
    EnglishEnding{"gently", "gentl"},  EnglishEnding{"ugly", "ugli"},    EnglishEnding{"early", "earli"},
    EnglishEnding{"only", "onli"},     EnglishEnding{"singly", "singl"}, EnglishEnding{"sky", "sky"},
    EnglishEnding{"news", "news"},     EnglishEnding{"howe", "howe"},    EnglishEnding{"atlas", "atlas"},
    EnglishEnding{"cosmos", "cosmos"}, EnglishEnding{"bias", "bias"},    EnglishEnding{"andes", "andes"},
};
constexpr std::array<std::string_view, 9> kWholeAfterPlural = {"inning",  "outing",  "canning", "herring", "earring",
                                                               "evening", "proceed", "exceed",  "succeed"};
// Where R1 begins behind these, words would else be mixed up: "universe", "university".
constexpr std::array<std::string_view, 8> kLongPrefixes = {"gener", "commun", "arsen", "univers",
                                                           "later", "emerg",  "organ", "inter"};

// Longest first among those that end alike.
constexpr std::array kStep2 = {
    EnglishEnding{"ational", "ate"}, EnglishEnding{"ization", "ize"}, EnglishEnding{"fulness", "ful"},
    EnglishEnding{"ousness", "ous"}, EnglishEnding{"iveness", "ive"}, EnglishEnding{"tional", "tion"},
    EnglishEnding{"biliti", "ble"},  EnglishEnding{"lessli", "less"}, EnglishEnding{"ogist", "og"},
    EnglishEnding{"entli", "ent"},   EnglishEnding{"ation", "ate"},   EnglishEnding{"alism", "al"},
    EnglishEnding{"aliti", "al"},    EnglishEnding{"ousli", "ous"},   EnglishEnding{"iviti", "ive"},
    EnglishEnding{"fulli", "ful"},   EnglishEnding{"enci", "ence"},   EnglishEnding{"anci", "ance"},
    EnglishEnding{"abli", "able"},   EnglishEnding{"izer", "ize"},    EnglishEnding{"ator", "ate"},
    EnglishEnding{"alli", "al"},     EnglishEnding{"bli", "ble"},     EnglishEnding{"ogi", "og"},
    EnglishEnding{"li", ""},
};
constexpr std::array kStep3 = {
    EnglishEnding{"ational", "ate"}, EnglishEnding{"tional", "tion"}, EnglishEnding{"alize", "al"},
    EnglishEnding{"icate", "ic"},    EnglishEnding{"iciti", "ic"},    EnglishEnding{"ative", ""},
    EnglishEnding{"ical", "ic"},     EnglishEnding{"ness", ""},       EnglishEnding{"ful", ""},
};
constexpr std::array kStep4 = {
    EnglishEnding{"ement", ""}, EnglishEnding{"ance", ""}, EnglishEnding{"ence", ""}, EnglishEnding{"able", ""},
    EnglishEnding{"ible", ""},  EnglishEnding{"ment", ""}, EnglishEnding{"ant", ""},  EnglishEnding{"ent", ""},
    EnglishEnding{"ism", ""},   EnglishEnding{"ate", ""},  EnglishEnding{"iti", ""},  EnglishEnding{"ous", ""},
    EnglishEnding{"ive", ""},   EnglishEnding{"ize", ""},  EnglishEnding{"ion", ""},  EnglishEnding{"al", ""},
    EnglishEnding{"er", ""},    EnglishEnding{"ic", ""},
};

// A `y` that is a consonant is kept as `Y` meanwhile.
bool is_english_vowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

// The place behind the first consonant that follows a vowel, from `start` on.
size_t english_region(std::string_view word, size_t start) {
  for (size_t i = start + 1; i < word.size(); ++i) {
    if (!is_english_vowel(word[i]) && is_english_vowel(word[i - 1])) return i + 1;
  }
  return word.size();
}

class EnglishStemmer {
 public:
  explicit EnglishStemmer(std::string_view word) : word_(word) {
    if (word_.front() == '\'') word_.erase(0, 1);
    mark_consonant_y();
    r1_ = english_region(word_, 0);
    for (const std::string_view prefix : kLongPrefixes) {
      if (word_.starts_with(prefix)) r1_ = prefix.size();
    }
    r2_ = english_region(word_, r1_);
  }

  std::string stem() {
    drop_possessive();
    drop_plural();
    if (std::ranges::find(kWholeAfterPlural, word_) != kWholeAfterPlural.end()) return word_;
    drop_past_and_ing();
    if (word_.size() > 2 && (ends("y") || ends("Y")) && !is_english_vowel(word_[word_.size() - 2])) word_.back() = 'i';
    step2();
    step3();
    step4();
    step5();
    std::ranges::replace(word_, 'Y', 'y');
    return word_;
  }

 private:
  bool ends(std::string_view ending) const { return word_.ends_with(ending); }
  void cut(size_t n) { word_.resize(word_.size() - n); }
  bool vowel_before(size_t end) const {
    return std::any_of(word_.begin(), word_.begin() + static_cast<ptrdiff_t>(end), is_english_vowel);
  }

  void mark_consonant_y() {
    for (size_t i = 0; i < word_.size(); ++i) {
      if (word_[i] == 'y' && (i == 0 || is_english_vowel(word_[i - 1]))) word_[i] = 'Y';
    }
  }

  void drop_possessive() {
    for (const std::string_view ending : {"'s'", "'s", "'"}) {
      if (ends(ending)) return cut(ending.size());
    }
  }

  void drop_plural() {
    if (ends("sses")) return cut(2);
    if (ends("ied") || ends("ies")) return cut(word_.size() > 4 ? 2 : 1);
    if (ends("us") || ends("ss") || !ends("s")) return;
    if (word_.size() > 2 && vowel_before(word_.size() - 2)) cut(1);
  }

  void drop_past_and_ing() {
    for (const std::string_view ending : {"eedly", "eed"}) {
      if (!ends(ending)) continue;
      if (word_.size() - ending.size() >= r1_) cut(ending.size() - 2);
      return;
    }
    for (const std::string_view ending : {"ingly", "edly", "ing", "ed"}) {
      if (!ends(ending)) continue;
      if (vowel_before(word_.size() - ending.size())) {
        cut(ending.size());
        repair();
      }
      return;
    }
  }

  // What -ed and -ing have left: "hop(p)" "hop(e)" "conflat(e)".
  void repair() {
    if (ends("at") || ends("bl") || ends("iz")) {
      word_ += 'e';
    } else if (ends_in_double()) {
      const bool short_one = word_.size() == 3 && std::string_view("aeo").find(word_[0]) != std::string_view::npos;
      if (!short_one) cut(1);  // but "add", "egg", "off"
    } else if (r1_ >= word_.size() && ends_in_short_syllable(word_.size())) {
      word_ += 'e';
    }
  }

  bool ends_in_double() const {
    const size_t n = word_.size();
    return n >= 2 && word_[n - 1] == word_[n - 2] &&
           std::string_view("bdfgmnprt").find(word_[n - 1]) != std::string_view::npos;
  }

  bool ends_in_short_syllable(size_t n) const {
    if (std::string_view(word_).substr(0, n).ends_with("past")) return true;  // "paste" is not "past"
    if (n < 2 || is_english_vowel(word_[n - 1]) || !is_english_vowel(word_[n - 2])) return false;
    if (n == 2) return true;
    return !is_english_vowel(word_[n - 3]) && std::string_view("wxY").find(word_[n - 1]) == std::string_view::npos;
  }

  std::optional<EnglishEnding> longest(std::span<const EnglishEnding> endings, size_t region) const {
    for (const EnglishEnding& each : endings) {
      if (!ends(each.ending)) continue;
      if (word_.size() - each.ending.size() >= region) return each;
      return std::nullopt;
    }
    return std::nullopt;
  }
  char before(std::string_view ending) const {
    return word_.size() > ending.size() ? word_[word_.size() - ending.size() - 1] : '\0';
  }
  void change(const EnglishEnding& ending) {
    cut(ending.ending.size());
    word_ += ending.becomes;
  }

  void step2() {
    const auto found = longest(kStep2, r1_);
    if (!found) return;
    const std::string_view valid = found->ending == "li" ? "cdeghkmnrt" : "l";
    const bool needs_letter = found->ending == "li" || found->ending == "ogi";
    if (!needs_letter || valid.find(before(found->ending)) != std::string_view::npos) change(*found);
  }

  void step3() {
    const auto found = longest(kStep3, r1_);
    if (found && (found->ending != "ative" || word_.size() - found->ending.size() >= r2_)) change(*found);
  }

  void step4() {
    const auto found = longest(kStep4, r2_);
    if (found && (found->ending != "ion" || before("ion") == 's' || before("ion") == 't')) change(*found);
  }

  void step5() {
    const size_t last = word_.size() - 1;
    if (ends("e")) {
      if (last >= r2_ || (last >= r1_ && !ends_in_short_syllable(last))) cut(1);
    } else if (ends("ll") && last >= r2_) {
      cut(1);
    }
  }

  std::string word_;
  size_t r1_ = 0, r2_ = 0;  // the parts of the word in which endings are cut
};

}  // namespace

std::string stem_english(std::string_view word) {
  if (word.size() <= 2) return std::string(word);
  for (const EnglishEnding& each : kIrregular) {
    if (word == each.ending) return std::string(each.becomes);
  }
  return EnglishStemmer(word).stem();
}

}  // namespace loam
