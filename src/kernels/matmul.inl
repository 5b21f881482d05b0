// The product of a packed matrix and packed activations.
//
// One tile is a group of kRows rows × kTokens tokens. Each 32 columns of one row and one token give an exact integer
// Σ q·p, which is then scaled and added to that output's float32 sum:
//   f   = scale · (Σ q·p − bias · Σ p) − min · Σ p        per sub-block of 16 or 32
//   sum = f · activation scale + sum
// in block order along K, with the same roundings in every set: results do not depend on tile, batch, threads or set.

// Codes that enter the integer sum stand `code_bias` above the weight's value in units of its scale.
template <class Format>
inline constexpr int kDotBias = Format::kSigned ? Isa::kSignedOffset : Format::kBias;

// Adds the products of `n_groups` column groups from `first` on, which fit one partial sum.
template <class Format, int kTokens, int kFirst, int kGroups>
LOAM_INLINE void add_groups(const uint8_t* codes, const QuantBlock<kTokens>& x, Isa::Partial (&sums)[kTokens]) {
  LOAM_UNROLL
  for (int g = kFirst; g < kFirst + kGroups; ++g) {
    const Isa::Bytes q = unpack_codes<Format>(codes, g);
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) {
      const Isa::Bytes p = Isa::splat_group(x.codes[g][t]);
      sums[t] = Format::kSigned ? Isa::add_signed_dot(sums[t], q, p) : Isa::add_dot(sums[t], q, p);
    }
  }
}

// Σ q·p of each lane over kGroups column groups from kFirst on.
template <class Format, int kTokens, int kFirst, int kGroups>
LOAM_INLINE void dot(const uint8_t* codes, const QuantBlock<kTokens>& x, Isa::I32 (&out)[kTokens]) {
  constexpr int kFit = Isa::dots_per_partial(Format::kCodeBits);
  constexpr int kPart = kGroups <= kFit ? kGroups : kFit >= 4 ? 4 : kFit >= 2 ? 2 : 1;
  Isa::Partial partial[kTokens];
  LOAM_UNROLL
  for (int t = 0; t < kTokens; ++t) partial[t] = Isa::empty_partial();
  add_groups<Format, kTokens, kFirst, kPart>(codes, x, partial);
  LOAM_UNROLL
  for (int t = 0; t < kTokens; ++t) out[t] = Isa::widen(partial[t]);
  if constexpr (kGroups > kPart) {
    Isa::I32 rest[kTokens];
    dot<Format, kTokens, kFirst + kPart, kGroups - kPart>(codes, x, rest);
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) out[t] = Isa::add_i32(out[t], rest[t]);
  }
}

// scale · (Σ q·p − bias · Σ p) − min · Σ p, plus `before`.
template <class Format, bool kFirst>
LOAM_INLINE Isa::F32 scaled(Isa::I32 products, const float* code_sum, const ScaleMin& s, Isa::F32 before) {
  Isa::F32 f = Isa::to_f32(products);
  if constexpr (kDotBias<Format> != 0)
    f = Isa::fnma(Isa::splat(static_cast<float>(kDotBias<Format>)), Isa::splat(*code_sum), f);  // exact
  f = kFirst ? Isa::mul(f, s.scale) : Isa::fma(f, s.scale, before);
  if constexpr (has_min(Format::kScaling)) f = Isa::fnma(s.min, Isa::splat(*code_sum), f);
  return f;
}

// Adds 32 columns to the sums; `sub` is their first sub-block.
template <class Format, int kTokens>
LOAM_INLINE void add_block(const uint8_t* codes, const ScaleReader<Format>& scales, int sub,
                           const QuantBlock<kTokens>& x, Isa::F32 (&sums)[kTokens]) {
  Isa::F32 f[kTokens];
  Isa::I32 products[kTokens];
  const ScaleMin first = scales.at(sub);
  if constexpr (Format::kSubBlock == 32) {
    dot<Format, kTokens, 0, 8>(codes, x, products);
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) f[t] = scaled<Format, true>(products[t], &x.total[t], first, Isa::zero());
  } else {
    dot<Format, kTokens, 0, 4>(codes, x, products);
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) f[t] = scaled<Format, true>(products[t], &x.sum[0][t], first, Isa::zero());
    dot<Format, kTokens, 4, 4>(codes, x, products);
    const ScaleMin second = scales.at(sub + 1);
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) f[t] = scaled<Format, false>(products[t], &x.sum[1][t], second, f[t]);
  }
  LOAM_UNROLL
  for (int t = 0; t < kTokens; ++t) sums[t] = Isa::fma(f[t], Isa::splat(x.scale[t]), sums[t]);
}

// A register tile's place in the output: n_rows valid rows of the first token, tokens `stride` apart.
struct TileOut {
  float* out;
  int64_t stride;
  int n_rows;

  void store(int token, Isa::F32 sum) const {
    if (n_rows == kRows)
      Isa::store(out + token * stride, sum);
    else
      Isa::store_first(out + token * stride, sum, n_rows);
  }
};

// How far ahead of its use a single token's weights are asked for; several tokens give the memory time enough.
inline constexpr int64_t kPrefetchBytes = 2048;

template <class Format, int kTokens>
inline void quantised_tile(const uint8_t* group, const void* activations, int64_t cols, const TileOut& out) {
  using P = Packed<Format>;
  constexpr int kBlocks = Format::kColumns / 32;
  const auto* x = static_cast<const QuantBlock<kTokens>*>(activations);
  Isa::F32 sums[kTokens];
  LOAM_UNROLL
  for (int t = 0; t < kTokens; ++t) sums[t] = Isa::zero();
  for (const uint8_t* end = group + cols / Format::kColumns * P::kBlockBytes; group < end; group += P::kBlockBytes) {
    if constexpr (kTokens == 1)
      for (int64_t i = 0; i < P::kBlockBytes; i += 64) Isa::prefetch(group + kPrefetchBytes + i);
    const ScaleReader<Format> scales(group);
    for (int b = 0; b < kBlocks; ++b)
      add_block<Format, kTokens>(group + P::kHeaderBytes + b * P::kCodeBytes, scales, b * (32 / Format::kSubBlock),
                                 *x++, sums);
  }
  LOAM_UNROLL
  for (int t = 0; t < kTokens; ++t) out.store(t, sums[t]);
}

// kGroups row groups at once: with one token, a single chain of additions would wait for its own latency.
template <class Weights, int kTokens, int kGroups>
inline void plain_tile(const typename Weights::Element* group, const float* x, int64_t cols, const TileOut& out) {
  Isa::F32 sums[kGroups][kTokens];
  LOAM_UNROLL
  for (int g = 0; g < kGroups; ++g) {
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) sums[g][t] = Isa::zero();
  }
  for (int64_t k = 0; k < cols; ++k) {
    LOAM_UNROLL
    for (int g = 0; g < kGroups; ++g) {
      const Isa::F32 w = Weights::load(group + (g * cols + k) * kRows);
      LOAM_UNROLL
      for (int t = 0; t < kTokens; ++t) sums[g][t] = Isa::fma(w, Isa::splat(x[k * kTokens + t]), sums[g][t]);
    }
  }
  LOAM_UNROLL
  for (int g = 0; g < kGroups; ++g) {
    const int rows = kGroups == 1 ? out.n_rows : kRows;
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) TileOut{out.out + g * kRows, out.stride, rows}.store(t, sums[g][t]);
  }
}

// Tokens whose packed activations stay in a core's second-level cache while all rows pass by.
inline int64_t tokens_per_pass(int64_t token_bytes) {
  constexpr int64_t kCacheBytes = 256 * 1024;
  const int64_t tiles = kCacheBytes / (token_bytes * kTokenTile);
  return kTokenTile * (tiles > 1 ? tiles : 1);
}

template <class Format>
inline void quantised_matmul(const MatmulArgs& args) {
  const int64_t group_bytes = args.cols / Format::kColumns * Packed<Format>::kBlockBytes;
  const int64_t token_bytes = args.cols / kBlock * kQuantBlockBytes;
  const int64_t pass = tokens_per_pass(token_bytes);
  for (int64_t begin = 0; begin < args.n_tokens; begin += pass) {
    const int64_t end = begin + pass < args.n_tokens ? begin + pass : args.n_tokens;
    for (int64_t row = args.row_begin; row < args.row_end; row += kRows) {
      const uint8_t* group = static_cast<const uint8_t*>(args.weights) + row / kRows * group_bytes;
      const int n_rows = args.row_end - row < kRows ? static_cast<int>(args.row_end - row) : kRows;
      for_tiles(begin, end, [&](auto width, int64_t token) {
        const auto* x = static_cast<const uint8_t*>(args.x) + token * token_bytes;
        quantised_tile<Format, width.value>(group, x, args.cols,
                                            {args.out + token * args.out_stride + row, args.out_stride, n_rows});
      });
    }
  }
}

template <class Weights>
inline void plain_matmul(const MatmulArgs& args) {
  const int64_t pass = tokens_per_pass(args.cols * static_cast<int64_t>(sizeof(float)));
  const auto* weights = static_cast<const typename Weights::Element*>(args.weights);
  const auto* activations = static_cast<const float*>(args.x);
  for (int64_t begin = 0; begin < args.n_tokens; begin += pass) {
    const int64_t end = begin + pass < args.n_tokens ? begin + pass : args.n_tokens;
    for (int64_t row = args.row_begin; row < args.row_end;) {
      constexpr int kMost = 4;  // row groups at once
      const bool many = args.row_end - row >= kMost * kRows;
      const int n_rows = args.row_end - row < kRows ? static_cast<int>(args.row_end - row) : kRows;
      for_tiles(begin, end, [&](auto width, int64_t token) {
        constexpr int kTokens = width.value;
        const TileOut out{args.out + token * args.out_stride + row, args.out_stride, n_rows};
        const auto* group = weights + row * args.cols;
        const float* x = activations + token * args.cols;
        constexpr int kTogether = kTokens >= kMost ? 1 : kMost / kTokens;
        if (!many) return plain_tile<Weights, kTokens, 1>(group, x, args.cols, out);
        for (int g = 0; g < kMost; g += kTogether)
          plain_tile<Weights, kTokens, kTogether>(group + g * kRows * args.cols, x, args.cols,
                                                  {out.out + g * kRows, out.stride, kRows});
      });
      row += many ? kMost * kRows : kRows;
    }
  }
}

inline void matmul(const MatmulArgs& args) noexcept {
  for_format<void>(
      args.dtype, [&](auto format) { quantised_matmul<decltype(format)>(args); },
      [&](auto weights) { plain_matmul<decltype(weights)>(args); });
}
