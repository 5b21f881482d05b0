// How the rows of a text become one vector, and GGUF's numbers for it: `<arch>.pooling_type`.
#pragma once

#include <cstdint>

namespace loam {

inline constexpr int64_t kNoPooling = 0, kMeanPooling = 1, kFirstPooling = 2, kLastPooling = 3;
inline constexpr int64_t kRankPooling = 4;  // a cross-encoder's: a head makes a score of them

enum class Pooling : int64_t { mean = kMeanPooling, first = kFirstPooling, last = kLastPooling };

}  // namespace loam
