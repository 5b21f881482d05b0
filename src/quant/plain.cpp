#include "quant/plain.h"

#include <cstddef>
#include <cstring>

#include "quant/half.h"

namespace loam {
namespace {

// Values may begin anywhere: safetensors files align nothing.
uint16_t half_at(const void* values, int64_t i) {
  uint16_t half;
  std::memcpy(&half, static_cast<const std::byte*>(values) + 2 * i, sizeof half);
  return half;
}

}  // namespace

void decode_f32(const void* values, int64_t n, float* out) noexcept {
  std::memcpy(out, values, static_cast<size_t>(n) * sizeof(float));
}

void encode_f32(const float* x, int64_t n, void* values) noexcept {
  std::memcpy(values, x, static_cast<size_t>(n) * sizeof(float));
}

void decode_f16(const void* values, int64_t n, float* out) noexcept {
  for (int64_t i = 0; i < n; ++i) out[i] = f16_to_f32(half_at(values, i));
}

void encode_f16(const float* x, int64_t n, void* values) noexcept {
  for (int64_t i = 0; i < n; ++i) static_cast<uint16_t*>(values)[i] = f32_to_f16(x[i]);
}

void decode_bf16(const void* values, int64_t n, float* out) noexcept {
  for (int64_t i = 0; i < n; ++i) out[i] = bf16_to_f32(half_at(values, i));
}

void encode_bf16(const float* x, int64_t n, void* values) noexcept {
  for (int64_t i = 0; i < n; ++i) static_cast<uint16_t*>(values)[i] = f32_to_bf16(x[i]);
}

}  // namespace loam
