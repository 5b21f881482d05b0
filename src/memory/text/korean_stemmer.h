// Korean words without their particles, and the pairs of syllables that stand for them in an index.
//
// A Korean word carries its particle ("서울에서", "서울은") and verbs change from the third syllable on ("좋아해",
// "좋아하는"), so the first two syllables of what is left are a good stem, where no dictionary is at hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loam {

// `word`: Hangul syllables. "학교에서" → "학교", "꿈을" → "꿈", "마을" stays: a particle has the form that the sound
// before it asks for.
std::string_view without_particle(std::string_view word);
// The first two syllables of what stands before the particle.
std::string stem_korean(std::string_view word);
// The other pairs of neighbouring syllables, by which parts of compounds are found: "자연어처리" → "연어", "어처",
// "처리".
std::vector<std::string> inner_syllable_pairs(std::string_view word);

}  // namespace loam
