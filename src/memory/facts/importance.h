// How much a turn matters for later, without a model: a number that recall weighs turns with.
#pragma once

#include <string_view>

namespace loam {

// .3, and .2 for a statement about oneself, .2 for a name, a number or a date, .2 · the emotion's intensity, .1 ·
// novelty (both 0…1); 1 where the speaker asks to remember it. → 0.3…1
double importance_of(std::string_view text, double emotion_intensity = 0, double novelty = 0);

}  // namespace loam
