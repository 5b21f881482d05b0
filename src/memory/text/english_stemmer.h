// English words without their endings: "running" → "run". Snowball's English stemmer (Porter2,
// https://snowballstem.org/algorithms/english/stemmer.html).
#pragma once

#include <string>
#include <string_view>

namespace loam {

// `word`: lower case, apostrophes as '; letters outside a…z count as consonants.
std::string stem_english(std::string_view word);

}  // namespace loam
