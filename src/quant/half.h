// Half-precision and bfloat16 conversions that need no instruction set.
#pragma once

#include <cstdint>

namespace loam {

float f16_to_f32(uint16_t h) noexcept;
uint16_t f32_to_f16(float f) noexcept;  // round to nearest even
float bf16_to_f32(uint16_t h) noexcept;
uint16_t f32_to_bf16(float f) noexcept;  // round to nearest even; NaN stays NaN

}  // namespace loam
