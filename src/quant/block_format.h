// The block formats by type: decode to float32 and, where the format has a simple one, encode.
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
  void (*encode)(const float* x, int64_t n, void* blocks) noexcept;  // nullptr where there is no simple one
};

// nullptr where loam does not decode the type.
const BlockFormat* find_format(DType type);
std::span<const BlockFormat> block_formats();

}  // namespace loam
