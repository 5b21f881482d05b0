// Russian words without their endings: "важнейшими" → "важн". Snowball's Russian stemmer
// (https://snowballstem.org/algorithms/russian/stemmer.html).
#pragma once

#include <string>
#include <string_view>

namespace loam {

// `word`: UTF-8 in lower case; ё counts as е.
std::string stem_russian(std::string_view word);

}  // namespace loam
