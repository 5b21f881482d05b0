// The emotion of English texts: a linear model over words, and one over the text's vector and what the words say.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "memory/emotion/emotion.h"
#include "memory/text/words.h"

namespace loam {

struct EnglishReading {
  std::array<float, kEmotionLabels> scores{};  // 0…1, one logistic regression for each label
  float valence = 0;                           // −1…1, by VADER's words
  bool by_head = false;                        // whether the vector was used
};

// `words` are those of `text`; a vector that is not of `kEmotionHeadFeatures` finite numbers is not used.
EnglishReading read_english(std::string_view text, std::span<const Word> words, std::span<const float> vector);

}  // namespace loam
