// The list of block formats: one row each, in the order of their numbers.
#pragma once

#include "quant/block_format.h"
#include "quant/iq1_m.h"
#include "quant/iq1_s.h"
#include "quant/iq2_s.h"
#include "quant/iq2_xs.h"
#include "quant/iq2_xxs.h"
#include "quant/iq3_s.h"
#include "quant/iq3_xxs.h"
#include "quant/iq4_nl.h"
#include "quant/iq4_xs.h"
#include "quant/mxfp4.h"
#include "quant/nvfp4.h"
#include "quant/plain.h"
#include "quant/q1_0.h"
#include "quant/q2_0.h"
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
#include "quant/tq1_0.h"
#include "quant/tq2_0.h"

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

template <void (*kEncode)(const float*, int64_t, void*) noexcept>
void encode_alike(const float* x, const float* /*importance*/, int64_t n, void* blocks) noexcept {
  kEncode(x, n, blocks);
}

// A format whose encoding looks at nothing but a block's values.
template <class Block, int kBlockSize, void (*kDecode)(const Block*, float*) noexcept,
          void (*kEncode)(const float*, Block*) noexcept>
constexpr BlockFormat rounded(DType type) {
  constexpr auto kEncodeBlocks = encode_blocks<Block, kBlockSize, kEncode>;
  return {type, decode_blocks<Block, kBlockSize, kDecode>, kEncodeBlocks, encode_alike<kEncodeBlocks>};
}

// A format whose encoding searches for the least error: kEncode takes the importances of a block's values, or nullptr.
template <class Block, int kBlockSize, void (*kEncode)(const float*, const float*, Block*) noexcept>
void search_blocks(const float* x, const float* importance, int64_t n, void* blocks) noexcept {
  auto* block = static_cast<Block*>(blocks);
  for (int64_t i = 0; i < n; i += kBlockSize) kEncode(x + i, importance ? importance + i : nullptr, block++);
}

// One that encodes a block by a rule of the format's, and searches only where quality is asked for.
template <class Block, int kBlockSize, void (*kDecode)(const Block*, float*) noexcept,
          void (*kEncode)(const float*, Block*) noexcept, void (*kSearch)(const float*, const float*, Block*) noexcept>
constexpr BlockFormat rounded_or_searched(DType type) {
  return {type, decode_blocks<Block, kBlockSize, kDecode>, encode_blocks<Block, kBlockSize, kEncode>,
          search_blocks<Block, kBlockSize, kSearch>};
}

template <class Block, int kBlockSize, void (*kEncode)(const float*, const float*, Block*) noexcept>
void search_alike(const float* x, int64_t n, void* blocks) noexcept {
  search_blocks<Block, kBlockSize, kEncode>(x, nullptr, n, blocks);
}

template <class Block, int kBlockSize, void (*kDecode)(const Block*, float*) noexcept,
          void (*kEncode)(const float*, const float*, Block*) noexcept>
constexpr BlockFormat searched(DType type) {
  return {type, decode_blocks<Block, kBlockSize, kDecode>, search_alike<Block, kBlockSize, kEncode>,
          search_blocks<Block, kBlockSize, kEncode>};
}

template <void (*kDecode)(const void*, int64_t, float*) noexcept,
          void (*kEncode)(const float*, int64_t, void*) noexcept>
constexpr BlockFormat plain(DType type) {
  return {type, kDecode, kEncode, encode_alike<kEncode>};
}

inline constexpr BlockFormat kBlockFormats[] = {
    plain<decode_f32, encode_f32>(DType::f32),
    plain<decode_f16, encode_f16>(DType::f16),
    rounded<BlockQ4_0, 32, decode_q4_0, encode_q4_0>(DType::q4_0),
    rounded<BlockQ4_1, 32, decode_q4_1, encode_q4_1>(DType::q4_1),
    rounded<BlockQ5_0, 32, decode_q5_0, encode_q5_0>(DType::q5_0),
    rounded<BlockQ5_1, 32, decode_q5_1, encode_q5_1>(DType::q5_1),
    rounded<BlockQ8_0, 32, decode_q8_0, encode_q8_0>(DType::q8_0),
    searched<BlockQ2_K, 256, decode_q2_k, encode_q2_k>(DType::q2_k),
    searched<BlockQ3_K, 256, decode_q3_k, encode_q3_k>(DType::q3_k),
    searched<BlockQ4_K, 256, decode_q4_k, encode_q4_k>(DType::q4_k),
    searched<BlockQ5_K, 256, decode_q5_k, encode_q5_k>(DType::q5_k),
    searched<BlockQ6_K, 256, decode_q6_k, encode_q6_k>(DType::q6_k),
    rounded<BlockQ8_K, 256, decode_q8_k, encode_q8_k>(DType::q8_k),
    searched<BlockIQ2_XXS, 256, decode_iq2_xxs, encode_iq2_xxs>(DType::iq2_xxs),
    searched<BlockIQ2_XS, 256, decode_iq2_xs, encode_iq2_xs>(DType::iq2_xs),
    searched<BlockIQ3_XXS, 256, decode_iq3_xxs, encode_iq3_xxs>(DType::iq3_xxs),
    searched<BlockIQ1_S, 256, decode_iq1_s, encode_iq1_s>(DType::iq1_s),
    searched<BlockIQ4_NL, 32, decode_iq4_nl, encode_iq4_nl>(DType::iq4_nl),
    searched<BlockIQ3_S, 256, decode_iq3_s, encode_iq3_s>(DType::iq3_s),
    searched<BlockIQ2_S, 256, decode_iq2_s, encode_iq2_s>(DType::iq2_s),
    searched<BlockIQ4_XS, 256, decode_iq4_xs, encode_iq4_xs>(DType::iq4_xs),
    searched<BlockIQ1_M, 256, decode_iq1_m, encode_iq1_m>(DType::iq1_m),
    plain<decode_bf16, encode_bf16>(DType::bf16),
    searched<BlockTQ1_0, 256, decode_tq1_0, encode_tq1_0>(DType::tq1_0),
    searched<BlockTQ2_0, 256, decode_tq2_0, encode_tq2_0>(DType::tq2_0),
    rounded_or_searched<BlockMXFP4, 32, decode_mxfp4, encode_mxfp4, search_mxfp4>(DType::mxfp4),
    searched<BlockNVFP4, 64, decode_nvfp4, encode_nvfp4>(DType::nvfp4),
    searched<BlockQ1_0, 128, decode_q1_0, encode_q1_0>(DType::q1_0),
    searched<BlockQ2_0, 64, decode_q2_0, encode_q2_0>(DType::q2_0),
};

}  // namespace loam
