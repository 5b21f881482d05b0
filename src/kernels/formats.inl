// What each block format stores, in the terms of the packed matrix (pack.inl, matmul.inl): how formats say it, and the
// formats of 4 bits and more and the K-quants; few_bit_formats.inl has the others, format_list.inl the choice.
//
// A weight is scale · (code − bias) − min. Codes are kept as bit planes: the low kLowBits of all columns, then the
// kHighBits above them. `header` gives a block's half-precision numbers and its bytes, one scale (and min) per
// sub-block; Scaling says how they combine. `codes` gives one byte a column, in the order of the columns.

enum class Scaling {
  half,          // halfs: d                      scale = d
  half_min,      // halfs: d, m                   scale = d, min = m
  full,          // halfs: d, a float32           scale = d
  exponent,      // bytes: e                      scale = 2^(e − 128)
  e4m3,          // bytes: e, a float of 8 bits   scale = e / 2
  signed_bytes,  // halfs: d; bytes: s            scale = d · s
  odd_nibbles,   // halfs: d; bytes: s | t<<4     scale = d · (2s + 1), and d · (2t + 1) of the next sub-block
  shifted,       // halfs: d; bytes: s | t<<4     scale = d · s, min = scale · (t − 1) / 8
  bytes_min,     // halfs: d, m; bytes: s…, t…    scale = d · s, min = m · t
  nibbles_min,   // halfs: d, m; bytes: s | t<<4  scale = d · s, min = m · t
};

constexpr int halfs_of(Scaling s) {
  switch (s) {
    case Scaling::exponent:
    case Scaling::e4m3: return 0;
    case Scaling::half:
    case Scaling::signed_bytes:
    case Scaling::odd_nibbles:
    case Scaling::shifted: return 1;
    default: return 2;
  }
}
constexpr int bytes_of(Scaling s, int sub_blocks) {
  switch (s) {
    case Scaling::half:
    case Scaling::half_min:
    case Scaling::full: return 0;
    case Scaling::odd_nibbles: return sub_blocks / 2;
    case Scaling::bytes_min: return 2 * sub_blocks;
    default: return sub_blocks;
  }
}
constexpr bool has_min(Scaling s) {
  return s == Scaling::half_min || s == Scaling::bytes_min || s == Scaling::nibbles_min || s == Scaling::shifted;
}

// Sixteen bytes of nibbles: column i is low, column i + 16 high.
inline void split_nibbles(const uint8_t* nibbles, uint8_t* q) {
  for (int i = 0; i < 16; ++i) q[i] = nibbles[i] & 15;
  for (int i = 0; i < 16; ++i) q[16 + i] = nibbles[i] >> 4;
}
// Bit i of `mask` at bit 4 of byte i: each byte keeps its own bit, and adding 127 carries any bit to the top.
inline uint64_t fifth_bits(uint8_t mask) {
  const uint64_t own_bit = (mask * 0x0101010101010101u) & 0x8040201008040201u;
  return ((own_bit + 0x7F7F7F7F7F7F7F7Fu) & 0x8080808080808080u) >> 3;
}
// The same with a fifth bit for column i at bit i % 8 of high[i / 8].
inline void split_nibbles(const uint8_t* nibbles, const uint8_t* high, uint8_t* q) {
  constexpr uint64_t kLow = 0x0F0F0F0F0F0F0F0Fu;
  for (int i = 0; i < 2; ++i) {
    uint64_t eight;
    __builtin_memcpy(&eight, nibbles + 8 * i, 8);
    const uint64_t first = (eight & kLow) | fifth_bits(high[i]), second = (eight >> 4 & kLow) | fifth_bits(high[2 + i]);
    __builtin_memcpy(q + 8 * i, &first, 8);
    __builtin_memcpy(q + 16 + 8 * i, &second, 8);
  }
}

struct Small {  // formats of 32 columns a block
  static constexpr int kColumns = 32, kSubBlock = 32;
  static constexpr int kHighBits = 0, kBias = 0;
  static constexpr bool kSigned = false;                // codes are signed bytes
  static constexpr std::nullptr_t kCodebook = nullptr;  // codes are indices into sixteen values
  static constexpr float kUnit = 1;                     // multiplies d; a power of two
};
struct Super : Small {  // K-quants
  static constexpr int kColumns = 256;
};

struct Q4_0 : Small {
  using Block = BlockQ4_0;
  static constexpr int kLowBits = 4, kCodeBits = 4, kBias = 8;
  static constexpr Scaling kScaling = Scaling::half;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) { split_nibbles(b.nibbles, q); }
};

struct Q4_1 : Small {
  using Block = BlockQ4_1;
  static constexpr int kLowBits = 4, kCodeBits = 4;
  static constexpr Scaling kScaling = Scaling::half_min;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) {
    halfs[0] = b.d;
    halfs[1] = b.m ^ 0x8000;  // the format adds m
  }
  static void codes(const Block& b, uint8_t* q) { split_nibbles(b.nibbles, q); }
};

struct Q5_0 : Small {
  using Block = BlockQ5_0;
  static constexpr int kLowBits = 4, kHighBits = 1, kCodeBits = 5, kBias = 16;
  static constexpr Scaling kScaling = Scaling::half;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) { split_nibbles(b.nibbles, b.high_bits, q); }
};

struct Q5_1 : Small {
  using Block = BlockQ5_1;
  static constexpr int kLowBits = 4, kHighBits = 1, kCodeBits = 5;
  static constexpr Scaling kScaling = Scaling::half_min;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) {
    halfs[0] = b.d;
    halfs[1] = b.m ^ 0x8000;
  }
  static void codes(const Block& b, uint8_t* q) { split_nibbles(b.nibbles, b.high_bits, q); }
};

struct Q8_0 : Small {
  using Block = BlockQ8_0;
  static constexpr int kLowBits = 8, kCodeBits = 8;
  static constexpr bool kSigned = true;
  static constexpr Scaling kScaling = Scaling::half;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) { __builtin_memcpy(q, b.q, 32); }
};

struct IQ4_NL : Small {
  using Block = BlockIQ4_NL;
  static constexpr int kLowBits = 4, kCodeBits = 8;
  static constexpr bool kSigned = true;
  static constexpr const int8_t* kCodebook = kIq4Values;
  static constexpr Scaling kScaling = Scaling::half;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) { split_nibbles(b.nibbles, q); }
};

// Twice the values of a 4-bit float (2 exponent bits, 1 mantissa bit), raised by 12 to be unsigned.
inline constexpr int8_t kFp4Values[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};

struct MXFP4 : Small {
  using Block = BlockMXFP4;
  static constexpr int kLowBits = 4, kCodeBits = 5, kBias = 12;
  static constexpr const int8_t* kCodebook = kFp4Values;
  static constexpr Scaling kScaling = Scaling::exponent;
  static void header(const Block& b, uint16_t*, uint8_t* bytes) { bytes[0] = b.exponent; }
  static void codes(const Block& b, uint8_t* q) { split_nibbles(b.nibbles, q); }
};

struct NVFP4 : Small {
  using Block = BlockNVFP4;
  static constexpr int kColumns = 64, kSubBlock = 16;
  static constexpr int kLowBits = 4, kCodeBits = 5, kBias = 12;
  static constexpr const int8_t* kCodebook = kFp4Values;
  static constexpr Scaling kScaling = Scaling::e4m3;
  static void header(const Block& b, uint16_t*, uint8_t* bytes) {
    for (int s = 0; s < 4; ++s) bytes[s] = b.scales[s] == 127 ? 0 : b.scales[s] & 127;  // as nvfp4_scale reads them
  }
  static void codes(const Block& b, uint8_t* q) {
    for (int i = 0; i < 64; ++i) q[i] = (b.nibbles[i / 16 * 8 + i % 8] >> (i / 8 % 2 * 4)) & 15;
  }
};

struct Q2_K : Super {
  using Block = BlockQ2_K;
  static constexpr int kSubBlock = 16, kLowBits = 2, kCodeBits = 2;
  static constexpr Scaling kScaling = Scaling::nibbles_min;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    halfs[1] = b.d_min;
    __builtin_memcpy(bytes, b.scales, 16);
  }
  static void codes(const Block& b, uint8_t* q) {
    for (int half = 0; half < 2; ++half)
      for (int pair = 0; pair < 4; ++pair, q += 32)
        for (int i = 0; i < 32; ++i) q[i] = (b.codes[32 * half + i] >> (2 * pair)) & 3;
  }
};

struct Q3_K : Super {
  using Block = BlockQ3_K;
  static constexpr int kSubBlock = 16, kLowBits = 2, kHighBits = 1, kCodeBits = 3, kBias = 4;
  static constexpr Scaling kScaling = Scaling::signed_bytes;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    unpack_scales(&b, reinterpret_cast<int8_t*>(bytes));
  }
  static void codes(const Block& b, uint8_t* q) {
    for (int half = 0; half < 2; ++half)
      for (int pair = 0; pair < 4; ++pair, q += 32)
        for (int i = 0; i < 32; ++i) {
          const int low = (b.codes[32 * half + i] >> (2 * pair)) & 3, high = (b.high_bits[i] >> (4 * half + pair)) & 1;
          q[i] = static_cast<uint8_t>(low | high << 2);
        }
  }
};

struct Q4_K : Super {
  using Block = BlockQ4_K;
  static constexpr int kLowBits = 4, kCodeBits = 4;
  static constexpr Scaling kScaling = Scaling::bytes_min;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    halfs[1] = b.d_min;
    unpack_k_scales(b.scales, bytes, bytes + 8);
  }
  static void codes(const Block& b, uint8_t* q) {
    for (int part = 0; part < 4; ++part)
      for (int i = 0; i < 32; ++i) {
        q[64 * part + i] = b.nibbles[32 * part + i] & 15;
        q[64 * part + 32 + i] = b.nibbles[32 * part + i] >> 4;
      }
  }
};

struct Q5_K : Super {
  using Block = BlockQ5_K;
  static constexpr int kLowBits = 4, kHighBits = 1, kCodeBits = 5;
  static constexpr Scaling kScaling = Scaling::bytes_min;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    halfs[1] = b.d_min;
    unpack_k_scales(b.scales, bytes, bytes + 8);
  }
  static void codes(const Block& b, uint8_t* q) {
    for (int part = 0; part < 4; ++part)
      for (int i = 0; i < 32; ++i) {
        const int low = b.nibbles[32 * part + i], high = b.high_bits[i] >> (2 * part);
        q[64 * part + i] = static_cast<uint8_t>((low & 15) | (high & 1) << 4);
        q[64 * part + 32 + i] = static_cast<uint8_t>(low >> 4 | (high & 2) << 3);
      }
  }
};

struct Q6_K : Super {
  using Block = BlockQ6_K;
  static constexpr int kSubBlock = 16, kLowBits = 4, kHighBits = 2, kCodeBits = 6, kBias = 32;
  static constexpr Scaling kScaling = Scaling::signed_bytes;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    __builtin_memcpy(bytes, b.scales, 16);
  }
  static void codes(const Block& b, uint8_t* q) {
    for (int half = 0; half < 2; ++half, q += 128)
      for (int i = 0; i < 32; ++i) {
        const int first = b.low[64 * half + i], second = b.low[64 * half + 32 + i], high = b.high[32 * half + i];
        q[i] = static_cast<uint8_t>((first & 15) | (high & 3) << 4);
        q[32 + i] = static_cast<uint8_t>((second & 15) | (high & 12) << 2);
        q[64 + i] = static_cast<uint8_t>(first >> 4 | (high & 48));
        q[96 + i] = static_cast<uint8_t>(second >> 4 | (high & 192) >> 2);
      }
  }
};

struct Q8_K : Super {
  using Block = BlockQ8_K;
  static constexpr int kLowBits = 8, kCodeBits = 8;
  static constexpr bool kSigned = true;
  static constexpr Scaling kScaling = Scaling::full;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { __builtin_memcpy(halfs, &b.d, 4); }
  static void codes(const Block& b, uint8_t* q) { __builtin_memcpy(q, b.q, 256); }
};

struct IQ4_XS : Super {
  using Block = BlockIQ4_XS;
  static constexpr int kLowBits = 4, kCodeBits = 8;
  static constexpr bool kSigned = true;
  static constexpr const int8_t* kCodebook = kIq4Values;
  static constexpr Scaling kScaling = Scaling::signed_bytes;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    unpack_scales(&b, reinterpret_cast<int8_t*>(bytes));
  }
  static void codes(const Block& b, uint8_t* q) {
    for (int sub = 0; sub < 8; ++sub) split_nibbles(b.nibbles + 16 * sub, q + 32 * sub);
  }
};
