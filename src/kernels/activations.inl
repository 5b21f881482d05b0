// Activations packed for the register tile: tiles of kTokenTile tokens, then narrower ones for what is left over.

inline constexpr int64_t kBlock = 32;        // columns of a block of activations
inline constexpr int64_t kSuperBlock = 256;  // columns that share a scale where the weights come in super-blocks

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

inline float largest_magnitude(const float* x, int64_t n) {
  Isa::F32 largest = Isa::zero();
  for (int64_t i = 0; i < n; i += Isa::kLanes) largest = Isa::max(Isa::abs(Isa::load(x + i)), largest);
  return Isa::reduce_max(largest);
}

// The codes of one token's 32 columns: x · inverse, to the nearest integer.
template <int kTokens>
inline void quantise_block(const float* x, float scale, Isa::F32 inverse, int token, QuantBlock<kTokens>& out) {
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
  out.scale[token] = scale;
  out.total[token] = out.sum[0][token] + out.sum[1][token];
}

// One token's row, `shared` columns of which have one scale.
template <int kTokens>
inline void quantise_row(const float* x, int64_t cols, int64_t shared, int token, QuantBlock<kTokens>* blocks) {
  // Below this, 127 / largest would leave the range of float32; such a block is zero beside anything else.
  constexpr float kTiny = 1e-30f;
  for (int64_t begin = 0; begin < cols; begin += shared) {
    const float largest = largest_magnitude(x + begin, shared);
    const Isa::F32 inverse = Isa::splat(largest < kTiny ? 0.0f : 127.0f / largest);
    for (int64_t i = begin; i < begin + shared; i += kBlock)
      quantise_block(x + i, largest / 127.0f, inverse, token, blocks[i / kBlock]);
  }
}

inline void pack_activations(ActivationKind kind, const float* x, int64_t stride, int64_t token_begin,
                             int64_t token_end, int64_t /*n_tokens*/, int64_t cols, void* out) noexcept {
  for_tiles(token_begin, token_end, [&](auto width, int64_t first) {
    constexpr int kTokens = width.value;
    if (kind != ActivationKind::float32) {
      auto* blocks = reinterpret_cast<QuantBlock<kTokens>*>(static_cast<uint8_t*>(out) +
                                                            first * (cols / kBlock) * kQuantBlockBytes);
      const int64_t shared = kind == ActivationKind::int8_super ? kSuperBlock : kBlock;
      for (int token = 0; token < kTokens; ++token)
        quantise_row(x + (first + token) * stride, cols, shared, token, blocks);
    } else {  // [column][token]
      float* tile = static_cast<float*>(out) + first * cols;
      for (int64_t k = 0; k < cols; ++k)
        for (int token = 0; token < kTokens; ++token) tile[k * kTokens + token] = x[(first + token) * stride + k];
    }
  });
}
