// The packed matrix: groups of kRows rows, one block column after another, each row in its own 32-bit lane.
//
// A packed block of a quantised format holds kRows rows × kColumns columns:
//   halfs  [half][row]
//   bytes  [byte][row]
//   codes  [32 columns][plane vector][row][4]   kLowBits vectors of low bits, then kHighBits of high bits
// A vector of the low plane holds 8 / kLowBits groups of four columns, the first in the lowest bits; the high plane
// likewise. A packed group of plain numbers is [column][row].

inline constexpr int kRows = Isa::kLanes;
inline constexpr int kPackColumns = 256;  // of one row, packed at once

template <class Format>
struct Packed {
  static constexpr int kHalfs = halfs_of(Format::kScaling);
  static constexpr int kSubBlocks = Format::kColumns / Format::kSubBlock;
  static constexpr int kBytes = bytes_of(Format::kScaling, kSubBlocks);
  static constexpr int64_t kHeaderBytes = kRows * (2 * kHalfs + kBytes);
  // Where half h of row r stands: together where they are the halves of a float32.
  static constexpr int half_index(int h, int r) {
    return Format::kScaling == Scaling::full ? 2 * r + h : h * kRows + r;
  }
  static constexpr int64_t kVectorBytes = 4 * kRows;
  static constexpr int64_t kCodeBytes = kVectorBytes * (Format::kLowBits + Format::kHighBits);  // of 32 columns
  static constexpr int64_t kBlockBytes = kHeaderBytes + kCodeBytes * (Format::kColumns / 32);
};

// Writes one row's bits [shift, shift + kBits) of 32 codes into its lane of a plane's vectors.
template <int kBits>
inline void pack_plane(const uint8_t* codes, int shift, uint8_t* lane) {
  constexpr int kPerVector = 8 / kBits;
  constexpr uint32_t kMask = 0x01010101u * ((1u << kBits) - 1);
  for (int v = 0; v < kBits; ++v) {
    uint32_t packed = 0;
    for (int i = 0; i < kPerVector; ++i) {
      uint32_t group;
      __builtin_memcpy(&group, codes + 4 * (v * kPerVector + i), 4);
      packed |= ((group >> shift) & kMask) << (kBits * i);
    }
    __builtin_memcpy(lane + v * 4 * kRows, &packed, 4);
  }
}

// Writes `n` successive blocks of row `r` of a group. All codes are split before the first is packed: reading them back
// at once in other widths would wait for every store.
template <class Format>
inline void pack_blocks(const typename Format::Block* blocks, int n, int r, uint8_t* out) {
  using P = Packed<Format>;
  uint8_t codes[kPackColumns];
  for (int b = 0; b < n; ++b) Format::codes(blocks[b], codes + b * Format::kColumns);
  for (int b = 0; b < n; ++b, out += P::kBlockBytes) {
    uint16_t halfs[2];
    uint8_t bytes[16];
    Format::header(blocks[b], halfs, bytes);
    for (int h = 0; h < P::kHalfs; ++h) __builtin_memcpy(out + 2 * P::half_index(h, r), &halfs[h], 2);
    for (int i = 0; i < P::kBytes; ++i) out[2 * P::kHalfs * kRows + i * kRows + r] = bytes[i];
    uint8_t* lane = out + P::kHeaderBytes + 4 * r;
    for (int k = b * Format::kColumns; k < (b + 1) * Format::kColumns; k += 32, lane += P::kCodeBytes) {
      pack_plane<Format::kLowBits>(codes + k, 0, lane);
      if constexpr (Format::kHighBits > 0)
        pack_plane<Format::kHighBits>(codes + k, Format::kLowBits, lane + Format::kLowBits * P::kVectorBytes);
    }
  }
}

template <class Format>
inline void pack_group(const typename Format::Block* source, int n_rows, int64_t blocks, uint8_t* out) {
  using P = Packed<Format>;
  constexpr int kTogether = kPackColumns / Format::kColumns;
  if (n_rows < kRows) __builtin_memset(out, 0, static_cast<size_t>(blocks * P::kBlockBytes));
  for (int64_t b = 0; b < blocks; b += kTogether) {
    const int n = blocks - b < kTogether ? static_cast<int>(blocks - b) : kTogether;
    for (int r = 0; r < n_rows; ++r) pack_blocks<Format>(source + r * blocks + b, n, r, out + b * P::kBlockBytes);
  }
}

// The source may begin anywhere: safetensors files align nothing.
template <class Element>
inline void pack_plain_group(const uint8_t* source, int n_rows, int64_t cols, Element* out) {
  constexpr int64_t kBytes = sizeof(Element);
  if (n_rows < kRows) __builtin_memset(out, 0, static_cast<size_t>(cols * kRows * kBytes));
  for (int64_t k = 0; k < cols; ++k)
    for (int r = 0; r < n_rows; ++r)
      __builtin_memcpy(out + k * kRows + r, source + (r * cols + k) * kBytes, sizeof(Element));
}

// Bytes of a packed group of kRows rows.
inline int64_t row_group_bytes(DType dtype, int64_t cols) noexcept {
  return for_format<int64_t>(
      dtype,
      [&](auto format) {
        using Format = decltype(format);
        return cols / Format::kColumns * Packed<Format>::kBlockBytes;
      },
      [&](auto weights) { return cols * kRows * static_cast<int64_t>(sizeof(typename decltype(weights)::Element)); });
}

inline void pack(DType dtype, const void* source, int64_t row_begin, int64_t row_end, int64_t cols,
                 void* packed) noexcept {
  const int64_t group_bytes = row_group_bytes(dtype, cols);
  uint8_t* out = static_cast<uint8_t*>(packed) + row_begin / kRows * group_bytes;
  for (int64_t row = row_begin; row < row_end; row += kRows, out += group_bytes) {
    const int n_rows = row_end - row < kRows ? static_cast<int>(row_end - row) : kRows;
    for_format<void>(
        dtype,
        [&](auto format) {
          using Format = decltype(format);
          const int64_t blocks = cols / Format::kColumns;
          const auto* first = static_cast<const typename Format::Block*>(source) + (row - row_begin) * blocks;
          pack_group<Format>(first, n_rows, blocks, out);
        },
        [&](auto weights) {
          using Element = typename decltype(weights)::Element;
          const auto* first =
              static_cast<const uint8_t*>(source) + (row - row_begin) * cols * static_cast<int64_t>(sizeof(Element));
          pack_plain_group(first, n_rows, cols, reinterpret_cast<Element*>(out));
        });
  }
}

// ---- reading a packed block ----

// The scale and min of sub-block `s` (counted within the block) for each row of a group.
struct ScaleMin {
  Isa::F32 scale, min;
};

// Reads the numbers that all sub-blocks of a block share once, then each sub-block's own.
template <class Format>
struct ScaleReader {
  using P = Packed<Format>;
  static constexpr Scaling kScaling = Format::kScaling;

  explicit ScaleReader(const uint8_t* block)
      : d(load_d(block)),
        m(kScaling != Scaling::full && P::kHalfs > 1 ? Isa::load_f16(reinterpret_cast<const uint16_t*>(block) + kRows)
                                                     : Isa::zero()),
        bytes(block + 2 * P::kHalfs * kRows) {}

  static Isa::F32 load_d(const uint8_t* block) {
    if constexpr (P::kHalfs == 0) return Isa::zero();
    if constexpr (kScaling == Scaling::full) return Isa::load(reinterpret_cast<const float*>(block));
    const Isa::F32 d = Isa::load_f16(reinterpret_cast<const uint16_t*>(block));
    return Format::kUnit == 1 ? d : Isa::mul(d, Isa::splat(Format::kUnit));
  }

  ScaleMin at(int s) const {
    const uint8_t* p = bytes + s * kRows;
    if constexpr (kScaling == Scaling::half || kScaling == Scaling::half_min || kScaling == Scaling::full)
      return {d, m};
    if constexpr (kScaling == Scaling::exponent) return {Isa::load_exponents(p), m};
    if constexpr (kScaling == Scaling::e4m3) return {Isa::load_e4m3(p), m};
    if constexpr (kScaling == Scaling::odd_nibbles) {  // both roundings are exact
      const uint8_t* pair = bytes + s / 2 * kRows;
      const Isa::F32 nibble = s % 2 ? Isa::load_high_nibbles(pair) : Isa::load_low_nibbles(pair);
      return {Isa::fma(Isa::add(d, d), nibble, d), m};
    }
    if constexpr (kScaling == Scaling::shifted) {
      const Isa::F32 scale = Isa::mul(d, Isa::load_low_nibbles(p));
      const Isa::F32 shift = Isa::sub(Isa::load_high_nibbles(p), Isa::splat(1));
      return {scale, Isa::mul(Isa::mul(scale, Isa::splat(0.125f)), shift)};
    }
    if constexpr (kScaling == Scaling::signed_bytes) return {Isa::mul(d, Isa::load_i8(p)), m};
    if constexpr (kScaling == Scaling::nibbles_min)
      return {Isa::mul(d, Isa::load_low_nibbles(p)), Isa::mul(m, Isa::load_high_nibbles(p))};
    if constexpr (kScaling == Scaling::bytes_min)
      return {Isa::mul(d, Isa::load_u8(p)), Isa::mul(m, Isa::load_u8(p + P::kSubBlocks * kRows))};
  }

  Isa::F32 d, m;
  const uint8_t* bytes;
};

// Codes of columns [4 · group, 4 · group + 4) of 32 packed columns, for all rows of a group.
template <class Format>
inline Isa::Bytes unpack_codes(const uint8_t* codes, int group) {
  constexpr int kLow = Format::kLowBits, kHigh = Format::kHighBits;
  constexpr int64_t kVectorBytes = Packed<Format>::kVectorBytes;
  if constexpr (kLow == 8) return Isa::load_bytes(codes + group * kVectorBytes);

  constexpr int kPerLow = 8 / kLow;
  Isa::Bytes q =
      Isa::bits(Isa::load_bytes(codes + group / kPerLow * kVectorBytes), kLow * (group % kPerLow), (1 << kLow) - 1);
  if constexpr (kHigh > 0) {
    constexpr int kPerHigh = 8 / kHigh;
    const uint8_t* plane = codes + kLow * kVectorBytes;
    q = Isa::merge(q, Isa::bits(Isa::load_bytes(plane + group / kPerHigh * kVectorBytes),
                                kHigh * (group % kPerHigh) - kLow, ((1 << kHigh) - 1) << kLow));
  }
  if constexpr (!std::is_null_pointer_v<decltype(Format::kCodebook)>) q = Isa::look_up(Format::kCodebook, q);
  return q;
}

// Decodes lane `r` of a packed block, with the roundings of the format's own decode.
template <class Format>
inline void unpack_block(const uint8_t* block, int r, float* out) {
  using P = Packed<Format>;
  const ScaleReader<Format> scales(block);
  const uint8_t* codes = block + P::kHeaderBytes;
  float scale[kRows], min[kRows];
  uint8_t group_codes[4 * kRows];
  for (int k = 0; k < Format::kColumns; k += 4) {
    const ScaleMin s = scales.at(k / Format::kSubBlock);
    Isa::store(scale, s.scale);
    Isa::store(min, s.min);
    Isa::store_bytes(group_codes, unpack_codes<Format>(codes + k / 32 * P::kCodeBytes, k % 32 / 4));
    for (int c = 0; c < 4; ++c) {
      const int code = group_codes[4 * r + c];
      const int q = Format::kSigned ? static_cast<int8_t>(code) : code - Format::kBias;
      const float product = scale[r] * static_cast<float>(q);
      out[k + c] = has_min(Format::kScaling) ? product - min[r] : product;
    }
  }
}

inline void unpack_row(DType dtype, const void* packed, int64_t row, int64_t cols, float* out) noexcept {
  const uint8_t* group = static_cast<const uint8_t*>(packed) + row / kRows * row_group_bytes(dtype, cols);
  const int r = static_cast<int>(row % kRows);
  for_format<void>(
      dtype,
      [&](auto format) {
        using Format = decltype(format);
        for (int64_t b = 0; b < cols / Format::kColumns; ++b)
          unpack_block<Format>(group + b * Packed<Format>::kBlockBytes, r, out + b * Format::kColumns);
      },
      [&](auto weights) {
        using Weights = decltype(weights);
        const auto* elements = reinterpret_cast<const typename Weights::Element*>(group);
        for (int64_t k = 0; k < cols; ++k) out[k] = Weights::value(elements[k * kRows + r]);
      });
}
