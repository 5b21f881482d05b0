#include "memory/emotion/emotion.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/utf8.h"
#include "memory/emotion/english_emotion.h"
#include "memory/emotion/lexicon_emotion.h"
#include "memory/text/words.h"

namespace loam {
namespace {

constexpr size_t kMostBytes = 16 * 1024;

std::string_view beginning_of(std::string_view text) {
  if (text.size() <= kMostBytes) return text;
  return text.substr(0, complete_utf8_prefix(text.substr(0, kMostBytes)));
}

// How far punctuation and capitals raise the voice.
float loudness(std::string_view text) {
  const auto n_marks = std::min<std::ptrdiff_t>(3, std::ranges::count(text, '!'));
  const auto n_upper = std::ranges::count_if(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  const auto n_lower = std::ranges::count_if(text, [](char c) { return c >= 'a' && c <= 'z'; });
  const bool shouts = n_upper >= 8 && n_upper > 2 * n_lower;
  return 0.06F * static_cast<float>(n_marks) + (shouts ? 0.1F : 0.0F);
}

// The mean of what the labels are like, weighted by their scores.
Mood mood_of(const std::array<float, kEmotionLabels>& scores) {
  Mood mood;
  const float sum = std::max(1e-6F, std::accumulate(scores.begin(), scores.end(), 0.0F));
  for (size_t i = 0; i < kEmotionLabels; ++i) {
    const Mood label = mood_of(static_cast<EmotionLabel>(i));
    mood.valence += scores[i] / sum * label.valence;
    mood.arousal += scores[i] / sum * label.arousal;
  }
  return mood;
}

// A label holds where either of two readings says so.
void add_scores(std::array<float, kEmotionLabels>& scores, const LexiconReading& reading) {
  for (size_t i = 0; i < kEmotionLabels; ++i) scores[i] = 1 - (1 - scores[i]) * (1 - reading.scores[i]);
}

void judge_english(Emotion& emotion, std::string_view text, std::span<const Word> words, std::span<const float> vector,
                   const LexiconReading& marks) {
  const EnglishReading english = read_english(text, words, vector);
  emotion.method = english.by_head ? EmotionMethod::head : EmotionMethod::words;
  emotion.scores = english.scores;
  add_scores(emotion.scores, marks);
  const Mood mood = mood_of(emotion.scores);
  emotion.valence = 0.5F * (mood.valence + english.valence) + marks.valence;
  emotion.arousal = mood.arousal;
}

void judge_by_lexicon(Emotion& emotion, const LexiconReading& reading) {
  emotion.scores = reading.scores;
  float none = 1;
  for (const float score : reading.scores) none *= 1 - score;
  emotion.scores[static_cast<size_t>(EmotionLabel::neutral)] = none;
  emotion.valence = reading.valence;
  emotion.arousal = reading.arousal;
}

}  // namespace

std::string_view emotion_label_name(EmotionLabel label) {
  constexpr std::array<std::string_view, kEmotionLabels> kNames = {"anger",   "disgust", "fear",    "joy",
                                                                   "neutral", "sadness", "surprise"};
  return kNames[static_cast<size_t>(label)];
}

std::string_view emotion_method_name(EmotionMethod method) { return method == EmotionMethod::head ? "head" : "words"; }

// Russell's circle of affect, where the seven labels stand on it.
Mood mood_of(EmotionLabel label) {
  constexpr std::array<Mood, kEmotionLabels> kMoods = {
      {{-0.7F, 0.8F}, {-0.7F, 0.55F}, {-0.7F, 0.8F}, {0.8F, 0.6F}, {0.0F, 0.15F}, {-0.7F, 0.35F}, {0.15F, 0.75F}}};
  return kMoods[static_cast<size_t>(label)];
}

float Emotion::intensity() const {
  if (label == EmotionLabel::neutral) return 0;
  return std::clamp(0.5F * std::abs(valence) + 0.5F * arousal, 0.0F, 1.0F);
}

Emotion feel(std::string_view text, std::span<const float> vector) {
  text = beginning_of(text);
  const std::vector<Word> words = words_of(text);
  const LexiconReading reading = read_lexicon(text, words);
  Emotion emotion;
  if (detect_language(text) == Language::en) {
    judge_english(emotion, text, words, vector, reading);
  } else {
    judge_by_lexicon(emotion, reading);
  }
  emotion.label = static_cast<EmotionLabel>(std::ranges::max_element(emotion.scores) - emotion.scores.begin());
  emotion.valence = std::clamp(emotion.valence, -1.0F, 1.0F);
  emotion.arousal = std::clamp(emotion.arousal + loudness(text), 0.0F, 1.0F);
  return emotion;
}

}  // namespace loam
