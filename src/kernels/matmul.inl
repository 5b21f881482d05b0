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
      const Isa::Group p = Isa::group(x.codes[0][0], g * kTokens + t);
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

// The output of a register tile: n_rows valid rows of its first token, tokens `stride` apart. Where `resume`, it holds
// the sums over the columns before.
struct TileOut {
  float* out;
  int64_t stride;
  int n_rows;
  bool resume;

  Isa::F32 start(int token) const {
    if (!resume) return Isa::zero();
    return n_rows == kRows ? Isa::load(out + token * stride) : Isa::load_first(out + token * stride, n_rows);
  }
  void store(int token, Isa::F32 sum) const {
    if (n_rows == kRows)
      Isa::store(out + token * stride, sum);
    else
      Isa::store_first(out + token * stride, sum, n_rows);
  }
};

// How far ahead of its use a single token's weights are asked for; several tokens give the memory time enough.
inline constexpr int64_t kPrefetchBytes = 2048;

// One row group's packed blocks [group, end) times a tile's activations.
template <class Format, int kTokens>
inline void quantised_tile(const uint8_t* group, const uint8_t* end, const QuantBlock<kTokens>* x, const TileOut& out) {
  using P = Packed<Format>;
  constexpr int kBlocks = Format::kColumns / 32;
  Isa::F32 sums[kTokens];
  LOAM_UNROLL
  for (int t = 0; t < kTokens; ++t) sums[t] = Isa::zero();
  for (; group < end; group += P::kBlockBytes) {
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

// kGroups row groups, `group_stride` elements apart, over `cols` columns of plain numbers.
template <class Weights, int kTokens, int kGroups>
inline void plain_tile(const typename Weights::Element* group, int64_t group_stride, const float* x, int64_t cols,
                       const TileOut& out) {
  Isa::F32 sums[kGroups][kTokens];
  const auto out_of = [&](int g) { return TileOut{out.out + g * kRows, out.stride, out.n_rows, out.resume}; };
  LOAM_UNROLL
  for (int g = 0; g < kGroups; ++g) {
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) sums[g][t] = out_of(g).start(t);
  }
  for (int64_t k = 0; k < cols; ++k) {
    LOAM_UNROLL
    for (int g = 0; g < kGroups; ++g) {
      const Isa::F32 w = Weights::load(group + g * group_stride + k * kRows);
      LOAM_UNROLL
      for (int t = 0; t < kTokens; ++t) sums[g][t] = Isa::fma(w, Isa::splat(x[k * kTokens + t]), sums[g][t]);
    }
  }
  LOAM_UNROLL
  for (int g = 0; g < kGroups; ++g) {
    LOAM_UNROLL
    for (int t = 0; t < kTokens; ++t) out_of(g).store(t, sums[g][t]);
  }
}

// Rows and columns that one tile of tokens meets at once.
struct Part {
  int64_t row_begin, row_end, column_begin, column_end;
};

// Calls tile(Constant<width>, first token, Part) for the whole product, kRowsAtOnce rows and `columns` columns at a
// time, columns ascending. The packed activations of all tokens between two cuts stay in a core's second-level cache
// while all rows pass by.
template <int64_t kRowsAtOnce, class Tile>
inline void for_parts(const MatmulArgs& args, int64_t columns, int64_t column_bytes, Tile tile) {
  constexpr int64_t kCacheBytes = 256 * 1024;
  const auto least = [](int64_t a, int64_t b) { return a < b ? a : b; };
  const int64_t tiles = kCacheBytes / (columns * column_bytes * kTokenTile);
  const int64_t tokens = kTokenTile * (tiles > 1 ? tiles : 1);
  for (int64_t token = 0; token < args.n_tokens; token += tokens)
    for (int64_t column = 0; column < args.cols; column += columns)
      for (int64_t row = args.row_begin; row < args.row_end; row += kRowsAtOnce) {
        const Part part{row, least(row + kRowsAtOnce, args.row_end), column, least(column + columns, args.cols)};
        for_tiles(token, least(token + tokens, args.n_tokens),
                  [&](auto width, int64_t first) { tile(width, first, part); });
      }
}

inline TileOut tile_out(const MatmulArgs& args, int64_t token, int64_t row, const Part& part) {
  const int64_t left = part.row_end - row;
  return {args.out + token * args.out_stride + row, args.out_stride, left < kRows ? static_cast<int>(left) : kRows,
          part.column_begin > 0};
}

template <class Format>
inline void quantised_matmul(const MatmulArgs& args) {
  const int64_t group_bytes = args.cols / Format::kColumns * Packed<Format>::kBlockBytes;
  const int64_t column_bytes = kQuantBlockBytes / kBlock + 1, token_bytes = args.cols / kBlock * kQuantBlockBytes;
  for_parts<kRows>(args, args.cols, column_bytes, [&](auto width, int64_t token, const Part& part) {
    const auto* tile = static_cast<const uint8_t*>(args.x) + token * token_bytes;
    const auto* x = reinterpret_cast<const QuantBlock<width.value>*>(tile);
    for (int64_t row = part.row_begin; row < part.row_end; row += kRows) {
      const auto* group = static_cast<const uint8_t*>(args.weights) + row / kRows * group_bytes;
      quantised_tile<Format, width.value>(group, group + group_bytes, x, tile_out(args, token, row, part));
    }
  });
}

template <class Weights>
inline void plain_matmul(const MatmulArgs& args) {
  // Columns of a tile's float32 activations in the first-level cache; one tile at most reads its weights in their
  // order.
  const int64_t columns = args.n_tokens > kTokenTile ? 1024 : args.cols;
  for_parts<4 * kRows>(args, columns, sizeof(float), [&](auto width, int64_t token, const Part& part) {
    constexpr int kTokens = width.value;
    // With few tokens, one row group's chains of additions would wait for their own latency.
    constexpr int kChains = Isa::kRegisters / 2, kTogether = kChains / kTokens < 4 ? kChains / kTokens : 4;
    const int64_t cols = part.column_end - part.column_begin, group_stride = args.cols * kRows;
    const float* x = static_cast<const float*>(args.x) + token * args.cols + part.column_begin * kTokens;
    const auto* weights = static_cast<const typename Weights::Element*>(args.weights) + part.column_begin * kRows;
    int64_t row = part.row_begin;
    for (; row + kTogether * kRows <= part.row_end; row += kTogether * kRows)
      plain_tile<Weights, kTokens, kTogether>(weights + row * args.cols, group_stride, x, cols,
                                              tile_out(args, token, row, part));
    for (; row < part.row_end; row += kRows)
      plain_tile<Weights, kTokens, 1>(weights + row * args.cols, group_stride, x, cols,
                                      tile_out(args, token, row, part));
  });
}

inline void matmul(const MatmulArgs& args) noexcept {
  for_format<void>(
      args.dtype, [&](auto format) { quantised_matmul<typename PackedAs<decltype(format)>::type>(args); },
      [&](auto weights) { plain_matmul<decltype(weights)>(args); });
}
