// Hand-written, linear scanners for the most frequent pre-tokeniser patterns; each does exactly what its regular
// expression in pre_tokenizers.h says, several times faster.
#pragma once

#include <cstddef>
#include <string_view>

namespace loam {

// The end of the word that starts at `begin` < text.size(); text is valid UTF-8.
using Scanner = size_t (*)(std::string_view text, size_t begin);

// nullptr where the pattern has none.
Scanner find_scanner(std::string_view pattern);

}  // namespace loam
