// Products of one query with many int8 vectors, in the widest instructions that every build of loam has for this.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loam {

// → Σ a[i]·b[i], i < n; exact for |b[i]| ≤ 4095 and n ≤ 4096.
int32_t dot_int8(const int8_t* a, const int16_t* b, size_t n);

}  // namespace loam
