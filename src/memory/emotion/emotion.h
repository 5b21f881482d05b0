// What a text feels like: Ekman's six emotions and neutral, pleasant or not, calm or stirred; English, Korean, Russian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace loam {

enum class EmotionLabel : uint8_t { anger, disgust, fear, joy, neutral, sadness, surprise };
inline constexpr size_t kEmotionLabels = 7;
std::string_view emotion_label_name(EmotionLabel label);  // "anger"

// `words`: by what the words say; `head`: and by the vector of the text.
enum class EmotionMethod : uint8_t { words, head };
std::string_view emotion_method_name(EmotionMethod method);  // "words"

struct Emotion {
  EmotionLabel label = EmotionLabel::neutral;  // the one with the highest score
  std::array<float, kEmotionLabels> scores{};  // 0…1 for each label; several can hold: those from .5 on
  float valence = 0;                           // −1 unpleasant … 1 pleasant
  float arousal = 0;                           // 0 calm … 1 stirred
  EmotionMethod method = EmotionMethod::words;

  float score() const { return scores[static_cast<size_t>(label)]; }
  // 0…1, 0 where the label is neutral: how much a text stands out by what it feels like.
  float intensity() const;
};

// The embedding model whose vectors the head reads, and their length.
inline constexpr std::string_view kEmotionHeadModel = "all-minilm-l6-v2";
inline constexpr size_t kEmotionHeadFeatures = 384;

// The vector is that of `kEmotionHeadModel` for this text, or empty. That model knows English only: for other languages
// the vector is not looked at. Texts longer than 16 KiB are judged by their beginning. Any bytes are a text.
Emotion feel(std::string_view text, std::span<const float> vector = {});

}  // namespace loam
