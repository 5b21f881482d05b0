// The block formats by type: decode to float32, and encode.
#pragma once

#include <cstdint>
#include <span>

#include "quant/half.h"
#include "tensor/dtype.h"

namespace loam {

// One row of quant/list.h. `n` is a multiple of the type's block size.
struct BlockFormat {
  DType type;
  void (*decode)(const void* blocks, int64_t n, float* out) noexcept;
  void (*encode)(const float* x, int64_t n, void* blocks) noexcept;
  // Encodes for the least Σ importance·error², as far as the format's search finds it: n importances of at least 0, or
  // nullptr where all count alike. Formats without a search do as `encode` does.
  void (*encode_weighted)(const float* x, const float* importance, int64_t n, void* blocks) noexcept;
};

// nullptr where loam does not decode the type.
const BlockFormat* find_format(DType type);
std::span<const BlockFormat> block_formats();

}  // namespace loam
