// The emotion of Korean and Russian texts by lexicons, and of emoji and emoticons in any text.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "memory/emotion/emotion.h"
#include "memory/text/words.h"

namespace loam {

struct Mood {
  float valence = 0;  // −1…1
  float arousal = 0;  // 0…1
};
Mood mood_of(EmotionLabel label);  // what texts with this label are like

// Words that feel alike, separated by white space. A valence and arousal of 0: those of the label.
struct LexiconGroup {
  EmotionLabel label;
  float valence, arousal;
  std::string_view words;
};

struct LexiconReading {
  std::array<float, kEmotionLabels> scores{};  // 0…1; neutral's is 0
  float valence = 0;                           // −1…1
  float arousal = 0.15F;                       // 0…1
};

// `words` are those of `text`; English ones are passed over.
LexiconReading read_lexicon(std::string_view text, std::span<const Word> words);

}  // namespace loam
