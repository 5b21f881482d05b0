#include "memory/emotion/english_emotion.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace loam {
namespace {

constexpr size_t kHeadFeatures = kEmotionHeadFeatures;

#include "memory/emotion/english_head.inl"
#include "memory/emotion/english_valence.inl"
#include "memory/emotion/english_words.inl"

constexpr int kNegationReach = 3;  // words

// "key:values key:values …", as the tables are written.
std::unordered_map<std::string_view, std::string_view> parse_table(std::string_view text) {
  std::unordered_map<std::string_view, std::string_view> table;
  for (size_t begin = text.find_first_not_of(" \n"); begin != std::string_view::npos;
       begin = text.find_first_not_of(" \n", begin)) {
    const size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    const size_t colon = text.find(':', begin);
    table.emplace(text.substr(begin, colon - begin), text.substr(colon + 1, end - colon - 1));
    begin = end;
  }
  return table;
}

float tenths(char c) { return static_cast<float>(c - 'P') / 10; }

bool negates(std::string_view folded) {
  static const std::unordered_set<std::string_view> kNegations = {
      "not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "without", "hardly", "cannot"};
  return kNegations.contains(folded) || folded.ends_with("n't");
}

// ×: how much a word strengthens or weakens the one after it.
float strengthens(std::string_view folded) {
  static const std::unordered_map<std::string_view, float> kStrengths = {
      {"very", 1.3F},     {"really", 1.3F},     {"so", 1.3F},         {"extremely", 1.5F}, {"incredibly", 1.5F},
      {"totally", 1.3F},  {"absolutely", 1.4F}, {"completely", 1.3F}, {"deeply", 1.3F},    {"utterly", 1.4F},
      {"too", 1.2F},      {"super", 1.3F},      {"most", 1.2F},       {"such", 1.2F},      {"slightly", 0.6F},
      {"somewhat", 0.7F}, {"barely", 0.5F},     {"little", 0.7F},     {"bit", 0.7F},       {"kinda", 0.7F}};
  const auto found = kStrengths.find(folded);
  return found == kStrengths.end() ? 1.0F : found->second;
}

// The same as features_of of scripts/train_emotion_head.py: each counts once.
std::unordered_set<std::string> english_features(std::string_view text, std::span<const Word> words) {
  std::unordered_set<std::string> features;
  std::string previous;
  int reach = 0;
  for (const Word& word : words) {
    if (word.language != Language::en) continue;
    features.insert(reach > 0 ? "not_" + word.term : word.term);
    if (!previous.empty()) features.insert(previous + "_" + word.term);
    reach = negates(fold_word(word.text)) ? kNegationReach : reach - 1;
    previous = word.term;
  }
  for (const char mark : {'?', '!'}) {
    if (text.find(mark) != std::string_view::npos) features.insert(std::string(1, mark));
  }
  return features;
}

std::array<float, kEmotionLabels> words_logits(std::string_view text, std::span<const Word> words) {
  static const auto kTable = parse_table(kEnglishWords);
  std::array<float, kEmotionLabels> logits = kEnglishWordsBias;
  for (const std::string& feature : english_features(text, words)) {
    const auto found = kTable.find(feature);
    if (found == kTable.end()) continue;
    for (size_t i = 0; i < kEmotionLabels; ++i) logits[i] += tenths(found->second[i]);
  }
  return logits;
}

void apply_head(std::array<float, kEmotionLabels>& logits, std::span<const float> vector) {
  for (size_t i = 0; i < kEmotionLabels; ++i) {
    float sum = 0;
    for (size_t k = 0; k < kHeadFeatures; ++k) sum += static_cast<float>(kHeadWeights[i][k]) * vector[k];
    logits[i] = kHeadBias[i] + kHeadWordsWeight[i] * logits[i] + sum / 1000;
  }
}

// VADER's rule (Hutto and Gilbert 2014): the sum of the words' valences, strengthened by the word before, turned by a
// negation among the three words before, and drawn to −1…1.
float english_valence(std::span<const Word> words) {
  static const auto kTable = parse_table(kEnglishValence);
  float sum = 0, strength = 1;
  int reach = 0;
  for (const Word& word : words) {
    const std::string folded = fold_word(word.text);
    const auto found = kTable.find(word.term);
    if (found != kTable.end()) sum += tenths(found->second[0]) * strength * (reach > 0 ? -0.74F : 1.0F);
    strength = strengthens(folded);
    reach = negates(folded) ? kNegationReach : reach - 1;
  }
  return sum / std::sqrt(sum * sum + 15);
}

}  // namespace

EnglishReading read_english(std::string_view text, std::span<const Word> words, std::span<const float> vector) {
  EnglishReading reading;
  std::array<float, kEmotionLabels> logits = words_logits(text, words);
  reading.by_head =
      vector.size() == kHeadFeatures && std::ranges::all_of(vector, [](float x) { return std::isfinite(x); });
  if (reading.by_head) apply_head(logits, vector);
  for (size_t i = 0; i < kEmotionLabels; ++i) reading.scores[i] = 1 / (1 + std::exp(-logits[i]));
  reading.valence = english_valence(words);
  return reading;
}

}  // namespace loam
