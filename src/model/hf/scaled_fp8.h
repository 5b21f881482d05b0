// Weights of 8-bit floating point (E4M3) with scales: one of the whole matrix, of each row, or of each block.
#pragma once

#include <string>

#include "model/hf/tensor_source.h"

namespace loam {

// `scale`: what multiplies the stored numbers; F32 or BF16 of shape (), (1), (out, 1), or (out / b, in / c) rounded up
// for blocks of `block_rows` × `block_cols`. F16, which is exact to a relative 2⁻¹¹; BF16 where that is too small for
// the largest. Error(model_invalid) naming `module` where the shapes do not fit one another.
SourcePtr scaled_fp8(const StoredTensor& weight, const StoredTensor& scale, int64_t block_rows, int64_t block_cols,
                     const std::string& module);

}  // namespace loam
