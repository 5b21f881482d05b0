// The list of block formats: one row each, in the order of their numbers.
#pragma once

#include "quant/block_format.h"
#include "quant/iq4_nl.h"
#include "quant/iq4_xs.h"
#include "quant/mxfp4.h"
#include "quant/plain.h"
#include "quant/q2_k.h"
#include "quant/q3_k.h"
#include "quant/q4_0.h"
#include "quant/q4_1.h"
#include "quant/q4_k.h"
#include "quant/q5_0.h"
#include "quant/q5_1.h"
#include "quant/q5_k.h"
#include "quant/q6_k.h"
#include "quant/q8_0.h"
#include "quant/q8_k.h"

namespace loam {

// Calls a format's function of one block for each block of a row.
template <class Block, int kBlockSize, void (*kDecode)(const Block*, float*) noexcept>
void decode_blocks(const void* blocks, int64_t n, float* out) noexcept {
  const auto* block = static_cast<const Block*>(blocks);
  for (int64_t i = 0; i < n; i += kBlockSize) kDecode(block++, out + i);
}

template <class Block, int kBlockSize, void (*kEncode)(const float*, Block*) noexcept>
void encode_blocks(const float* x, int64_t n, void* blocks) noexcept {
  auto* block = static_cast<Block*>(blocks);
  for (int64_t i = 0; i < n; i += kBlockSize) kEncode(x + i, block++);
}

template <class Block, int kBlockSize, void (*kDecode)(const Block*, float*) noexcept,
          void (*kEncode)(const float*, Block*) noexcept>
constexpr BlockFormat two_way(DType type) {
  return {type, decode_blocks<Block, kBlockSize, kDecode>, encode_blocks<Block, kBlockSize, kEncode>};
}

// A format whose encoding is a search of its own, which loam leaves to quantisation tools.
template <class Block, int kBlockSize, void (*kDecode)(const Block*, float*) noexcept>
constexpr BlockFormat decode_only(DType type) {
  return {type, decode_blocks<Block, kBlockSize, kDecode>, nullptr};
}

inline constexpr BlockFormat kBlockFormats[] = {
    {DType::f32, decode_f32, encode_f32},
    {DType::f16, decode_f16, encode_f16},
    two_way<BlockQ4_0, 32, decode_q4_0, encode_q4_0>(DType::q4_0),
    two_way<BlockQ4_1, 32, decode_q4_1, encode_q4_1>(DType::q4_1),
    two_way<BlockQ5_0, 32, decode_q5_0, encode_q5_0>(DType::q5_0),
    two_way<BlockQ5_1, 32, decode_q5_1, encode_q5_1>(DType::q5_1),
    two_way<BlockQ8_0, 32, decode_q8_0, encode_q8_0>(DType::q8_0),
    decode_only<BlockQ2_K, 256, decode_q2_k>(DType::q2_k),
    decode_only<BlockQ3_K, 256, decode_q3_k>(DType::q3_k),
    decode_only<BlockQ4_K, 256, decode_q4_k>(DType::q4_k),
    decode_only<BlockQ5_K, 256, decode_q5_k>(DType::q5_k),
    decode_only<BlockQ6_K, 256, decode_q6_k>(DType::q6_k),
    two_way<BlockQ8_K, 256, decode_q8_k, encode_q8_k>(DType::q8_k),
    two_way<BlockIQ4_NL, 32, decode_iq4_nl, encode_iq4_nl>(DType::iq4_nl),
    decode_only<BlockIQ4_XS, 256, decode_iq4_xs>(DType::iq4_xs),
    {DType::bf16, decode_bf16, encode_bf16},
    two_way<BlockMXFP4, 32, decode_mxfp4, encode_mxfp4>(DType::mxfp4),
};

}  // namespace loam
