// The order in which a matrix has its inputs, where that is not their own: a permutation beside it, of loam's own
// invention. Formats of blocks give a scale to columns that stand side by side; GPTQ's act-order gives one to columns
// that do not, until they are sorted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "file/gguf.h"

namespace loam {

// Beside "blk.0.attn_q.weight" (out, in) it is "blk.0.attn_q.input_order" (in), I32: column k multiplies input
// order[k]. nullptr where there is none. Error(model_invalid, "shape@<offset>" or "dtype@<offset>") for one that cannot
// be the matrix's.
const TensorInfo* find_input_order(const GgufFile& file, const TensorInfo& matrix);

// Its numbers. Error(model_invalid, "<name>@<offset>") for what is no permutation of [0, n).
std::vector<int32_t> read_input_order(const GgufFile& file, const TensorInfo& order);

// Whether both matrices have their inputs in one order. Errors as above.
bool have_one_input_order(const GgufFile& file_a, const TensorInfo& a, const GgufFile& file_b, const TensorInfo& b);

// of[order[k]] for each k.
template <class T>
std::vector<T> gathered(std::span<const T> of, std::span<const int32_t> order) {
  std::vector<T> out;
  out.reserve(order.size());
  for (const int32_t i : order) out.push_back(of[static_cast<size_t>(i)]);
  return out;
}

}  // namespace loam
