// Every tensor type of GGUF by name, number and size; which of them loam can compute with is quant's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loam {

// Numbers are those of the GGUF file format (ggml_type): https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
enum class DType : uint32_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 6,
  q5_1 = 7,
  q8_0 = 8,
  q8_1 = 9,
  q2_k = 10,
  q3_k = 11,
  q4_k = 12,
  q5_k = 13,
  q6_k = 14,
  q8_k = 15,
  iq2_xxs = 16,
  iq2_xs = 17,
  iq3_xxs = 18,
  iq1_s = 19,
  iq4_nl = 20,
  iq3_s = 21,
  iq2_s = 22,
  iq4_xs = 23,
  i8 = 24,
  i16 = 25,
  i32 = 26,
  i64 = 27,
  f64 = 28,
  iq1_m = 29,
  bf16 = 30,
  tq1_0 = 34,
  tq2_0 = 35,
  mxfp4 = 39,
  nvfp4 = 40,
  q1_0 = 41,
  q2_0 = 42,
};

struct DTypeInfo {
  DType type;
  std::string_view name;  // as GGUF tools print it: "Q4_K"
  int block_size;         // elements in a block
  int block_bytes;        // bytes of a block
};

// nullptr for a number that is not a current type.
const DTypeInfo* find_dtype(uint32_t number);
const DTypeInfo& info(DType type);
inline std::string_view name(DType type) { return info(type).name; }

// Bytes of `n` elements; `n` must be a multiple of the block size.
size_t bytes_of(DType type, int64_t n);

}  // namespace loam
