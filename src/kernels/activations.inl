// Activations packed for the register tile: tiles of kTokenTile tokens, then narrower ones for what is left over.

inline constexpr int64_t kBlock = 32;  // columns that share an activation scale

// 32 columns of a tile's tokens: x = scale · code, |code| ≤ 127. A tile is cols/32 of these, one after another, so a
// token takes the same room in tiles of every width.
template <int kTokens>
struct QuantBlock {
  int8_t codes[8][kTokens][4];  // groups of four columns
  float scale[kTokens];
  float sum[2][kTokens];  // Σ code over columns 0–15 and 16–31
  float total[kTokens];   // Σ code over all
};
inline constexpr int64_t kQuantBlockBytes = sizeof(QuantBlock<1>);

template <int kTokens>
inline void quantise_block(const float* x, int token, QuantBlock<kTokens>& out) {
  // Below this, 127 / largest would leave the range of float32; such a block is zero beside anything else.
  constexpr float kTiny = 1e-30f;
  Isa::F32 largest_lanes = Isa::zero();
  for (int i = 0; i < kBlock; i += Isa::kLanes) largest_lanes = Isa::max(Isa::abs(Isa::load(x + i)), largest_lanes);
  const float largest = Isa::reduce_max(largest_lanes);
  const Isa::F32 inverse = Isa::splat(largest < kTiny ? 0.0f : 127.0f / largest);

  int8_t codes[kBlock];
  for (int half = 0; half < 2; ++half) {
    Isa::F32 sum = Isa::zero();
    for (int i = 16 * half; i < 16 * half + 16; i += Isa::kLanes) {
      const Isa::F32 code = Isa::round(Isa::mul(Isa::load(x + i), inverse));
      Isa::store_i8(codes + i, code);
      sum = Isa::add(sum, code);
    }
    out.sum[half][token] = Isa::reduce_add(sum);
  }
  for (int group = 0; group < 8; ++group) __builtin_memcpy(out.codes[group][token], codes + 4 * group, 4);
  out.scale[token] = largest / 127.0f;
  out.total[token] = out.sum[0][token] + out.sum[1][token];
}

inline void pack_activations(ActivationKind kind, const float* x, int64_t stride, int64_t token_begin,
                             int64_t token_end, int64_t /*n_tokens*/, int64_t cols, void* out) noexcept {
  for_tiles(token_begin, token_end, [&](auto width, int64_t first) {
    constexpr int kTokens = width.value;
    if (kind == ActivationKind::int8) {
      auto* blocks = reinterpret_cast<QuantBlock<kTokens>*>(static_cast<uint8_t*>(out) +
                                                            first * (cols / kBlock) * kQuantBlockBytes);
      for (int64_t b = 0; b < cols / kBlock; ++b)
        for (int token = 0; token < kTokens; ++token)
          quantise_block(x + (first + token) * stride + b * kBlock, token, blocks[b]);
    } else {  // [column][token]
      float* tile = static_cast<float*>(out) + first * cols;
      for (int64_t k = 0; k < cols; ++k)
        for (int token = 0; token < kTokens; ++token) tile[k * kTokens + token] = x[(first + token) * stride + k];
    }
  });
}
