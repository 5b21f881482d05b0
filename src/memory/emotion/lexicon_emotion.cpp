#include "memory/emotion/lexicon_emotion.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/utf8.h"

namespace loam {
namespace {

#include "memory/emotion/emotion_marks.inl"
#include "memory/emotion/korean_words.inl"
#include "memory/emotion/russian_forms.inl"
#include "memory/emotion/russian_words.inl"

constexpr float kOwnStrength = 1.0F;
constexpr float kPublishedStrength = 0.8F;  // CEDR's words stand for their emotion less surely
constexpr float kMarkStrength = 0.8F;
constexpr float kHitScore = 0.7F;         // of a label after one hit of strength 1
constexpr size_t kLongestBeginning = 24;  // code points of an entry

struct LexiconEntry {
  EmotionLabel label;
  Mood mood;
  float strength;
};
using Lexicon = std::unordered_map<std::string, LexiconEntry>;

void for_each_entry(std::span<const LexiconGroup> groups, float strength, const auto& take) {
  for (const LexiconGroup& group : groups) {
    const Mood mood = group.arousal == 0 ? mood_of(group.label) : Mood{group.valence, group.arousal};
    const std::string_view words = group.words;
    for (size_t begin = words.find_first_not_of(" \n"); begin != std::string_view::npos;) {
      const size_t end = std::min(words.find_first_of(" \n", begin), words.size());
      take(words.substr(begin, end - begin), LexiconEntry{group.label, mood, strength});
      begin = words.find_first_not_of(" \n", end);
    }
  }
}

Lexicon make_beginnings() {
  Lexicon lexicon;
  const auto take = [&](std::string_view word, const LexiconEntry& entry) { lexicon.emplace(word, entry); };
  for_each_entry(kKoreanWords, kOwnStrength, take);
  for_each_entry(kRussianForms, kOwnStrength, take);
  return lexicon;
}

Lexicon make_stems() {
  Lexicon lexicon;
  for_each_entry(kRussianWords, kPublishedStrength, [&](std::string_view word, const LexiconEntry& entry) {
    const std::vector<Word> parsed = words_of(word);
    if (!parsed.empty() && parsed[0].term.size() > 6) lexicon.emplace(parsed[0].term, entry);  // from 4 letters
  });
  return lexicon;
}

// The entry that is the longest beginning of `text`, a word or several joined by `_`; from `least` bytes.
const LexiconEntry* longest_beginning(const Lexicon& lexicon, const std::string& text, size_t least) {
  std::vector<size_t> ends;
  for (size_t i = 0; i < text.size() && ends.size() < kLongestBeginning;) {
    i += static_cast<size_t>(decode_utf8(text, i).bytes);
    ends.push_back(i);
  }
  for (; !ends.empty() && ends.back() >= least; ends.pop_back()) {
    const auto found = lexicon.find(text.substr(0, ends.back()));
    if (found != lexicon.end()) return &found->second;
  }
  return nullptr;
}

bool one_of(std::string_view word, const std::unordered_set<std::string_view>& words) { return words.contains(word); }

bool begins_with_any(std::string_view word, std::initializer_list<std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return word.starts_with(beginning); });
}

bool ends_with_any(std::string_view word, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](std::string_view ending) { return word.ends_with(ending); });
}

// ×: how much a word strengthens or weakens the one after it; 1: it does neither.
float strength_of(const std::string& folded) {
  static const std::unordered_map<std::string_view, float> kStrengths = {
      {"очень", 1.3F},     {"так", 1.2F},    {"такой", 1.2F},    {"такая", 1.2F},  {"ужасно", 1.3F},
      {"безумно", 1.4F},   {"крайне", 1.4F}, {"совсем", 1.2F},   {"сильно", 1.3F}, {"слишком", 1.2F},
      {"абсолютно", 1.3F}, {"дико", 1.3F},   {"немного", 0.8F},  {"чуть", 0.75F},  {"слегка", 0.75F},
      {"особо", 1.0F},     {"너무", 1.3F},   {"정말", 1.3F},     {"진짜", 1.3F},   {"매우", 1.3F},
      {"아주", 1.3F},      {"엄청", 1.4F},   {"완전", 1.3F},     {"굉장히", 1.4F}, {"무척", 1.3F},
      {"몹시", 1.4F},      {"정말로", 1.3F}, {"너무너무", 1.5F}, {"조금", 0.8F},   {"좀", 0.8F},
      {"약간", 0.75F},     {"살짝", 0.75F}};
  const auto found = kStrengths.find(folded);
  return found == kStrengths.end() ? 1.0F : found->second;
}

// The words of a text that are not English, folded.
class LexiconReader {
 public:
  explicit LexiconReader(std::span<const Word> words) {
    for (const Word& word : words) {
      if (word.language != Language::ko && word.language != Language::ru) continue;
      folded_.push_back(fold_word(word.text));
      terms_.push_back(word.term);
      korean_.push_back(word.language == Language::ko);
    }
  }

  size_t size() const { return folded_.size(); }

  const LexiconEntry* entry(size_t i) const {
    static const Lexicon kBeginnings = make_beginnings();
    static const Lexicon kStems = make_stems();
    const std::string& word = folded_[i];
    if (i + 1 < size()) {
      std::string phrase = word + "_" + folded_[i + 1];
      if (i + 2 < size()) phrase += "_" + folded_[i + 2];
      if (const LexiconEntry* found = longest_beginning(kBeginnings, phrase, word.size() + 2)) return found;
    }
    const auto whole = kBeginnings.find(word + ".");
    if (whole != kBeginnings.end()) return &whole->second;
    if (const LexiconEntry* found = longest_beginning(kBeginnings, word, 1)) return found;
    const auto stem = kStems.find(terms_[i]);
    return stem == kStems.end() ? nullptr : &stem->second;
  }

  float strength(size_t i) const { return i > 0 ? strength_of(folded_[i - 1]) : 1.0F; }

  bool negated(size_t i) const { return korean_[i] ? korean_negated(i) : russian_negated(i); }

 private:
  // "안 무서워", "무섭지 않아", "무섭지않아", "걱정 없어".
  bool korean_negated(size_t i) const {
    if (i > 0 && one_of(folded_[i - 1], {"안", "못", "별로", "전혀"})) return true;
    if (folded_[i].find("지않") != std::string::npos || folded_[i].find("지못") != std::string::npos) return true;
    if (i + 1 >= size()) return false;
    const std::string& next = folded_[i + 1];
    if (ends_with_any(folded_[i], {"지", "지는", "진", "지도", "질"}))
      return begins_with_any(next, {"않", "못", "말", "마"});
    return begins_with_any(next, {"없", "아니"});
  }

  // "не страшно", "не очень страшно", "без страха".
  bool russian_negated(size_t i) const {
    static const std::unordered_set<std::string_view> kNegations = {"не",        "ни",      "нет",     "без",
                                                                    "нисколько", "никакой", "никакого"};
    if (i > 0 && one_of(folded_[i - 1], kNegations)) return true;
    const bool between = i > 1 && (strength_of(folded_[i - 1]) != 1 || folded_[i - 1] == "особо");
    return between && one_of(folded_[i - 2], kNegations);
  }

  std::vector<std::string> folded_, terms_;
  std::vector<bool> korean_;
};

// What the hits so far add up to.
class MoodSum {
 public:
  void add(const LexiconEntry& entry, float strength, bool negated) {
    const float weight = entry.strength * strength;
    if (negated) {
      // What is not joy is a little sad; what is not sad is not yet joy.
      if (entry.label == EmotionLabel::joy) raise(EmotionLabel::sadness, 0.8F * weight);
      valence_ -= 0.5F * weight * entry.mood.valence;
      return;
    }
    raise(entry.label, weight);
    valence_ += weight * entry.mood.valence;
    arousal_ += weight * std::min(1.0F, entry.mood.arousal + 0.3F * (strength - 1));
    weight_ += weight;
  }

  LexiconReading reading() const {
    LexiconReading reading;
    for (size_t i = 0; i < kEmotionLabels; ++i) reading.scores[i] = 1 - left_[i];
    reading.valence = valence_ / std::sqrt(valence_ * valence_ + 0.5F);
    if (weight_ > 0) reading.arousal = arousal_ / weight_;
    return reading;
  }

 private:
  void raise(EmotionLabel label, float weight) {
    left_[static_cast<size_t>(label)] *= 1 - std::min(0.95F, kHitScore * weight);
  }

  std::array<float, kEmotionLabels> left_ = {1, 1, 1, 1, 1, 1, 1};  // what is left to 1 of each score
  float valence_ = 0, arousal_ = 0, weight_ = 0;
};

void add_marks(MoodSum& sum, std::string_view text) {
  for_each_entry(kEmotionMarks, kMarkStrength, [&](std::string_view mark, const LexiconEntry& entry) {
    if (text.find(mark) != std::string_view::npos) sum.add(entry, 1, false);
  });
}

// Russian smiles without eyes: "спасибо))", "опять дождь((".
void add_brackets(MoodSum& sum, std::string_view text) {
  const auto surplus = std::ranges::count(text, ')') - std::ranges::count(text, '(');
  if (surplus == 0 || std::abs(surplus) < 2 || detect_language(text) != Language::ru) return;
  const EmotionLabel label = surplus > 0 ? EmotionLabel::joy : EmotionLabel::sadness;
  sum.add({label, mood_of(label), kMarkStrength}, 1, false);
}

}  // namespace

LexiconReading read_lexicon(std::string_view text, std::span<const Word> words) {
  MoodSum sum;
  const LexiconReader reader(words);
  for (size_t i = 0; i < reader.size(); ++i) {
    if (const LexiconEntry* entry = reader.entry(i)) sum.add(*entry, reader.strength(i), reader.negated(i));
  }
  add_marks(sum, text);
  add_brackets(sum, text);
  return sum.reading();
}

}  // namespace loam
