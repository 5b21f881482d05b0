// The formats of fewer than four bits that are no K-quants, in the terms of formats.inl.
//
// A grid's index would need a gather for each four columns of a row, which takes many times as long as reading what it
// stands for. So each weight's place among its format's values is stored instead: 2 bits for −1, 0, 1; 3 bits for the
// six values of IQ2 and of IQ1_M; 4 bits for the sixteen of IQ3 (docs/decisions/grid-formats.md).

// Two bits for each of −1, 0, 1 (and 2), and one scale.
struct TQ2_0 : Super {
  using Block = BlockTQ2_0;
  static constexpr int kLowBits = 2, kCodeBits = 2, kBias = 1;
  static constexpr Scaling kScaling = Scaling::half;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) { unpack_codes(&b, q); }
};

struct TQ1_0 : TQ2_0 {
  using Block = BlockTQ1_0;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) { unpack_codes(&b, q); }
};

struct Q2_0 : Small {
  using Block = BlockQ2_0;
  static constexpr int kColumns = 64;
  static constexpr int kLowBits = 2, kCodeBits = 2, kBias = 1;
  static constexpr Scaling kScaling = Scaling::half;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) {
    for (int i = 0; i < 64; ++i) q[i] = (b.codes[i / 4] >> (i % 4 * 2)) & 3;
  }
};

// −1 and 1, raised by 1.
inline constexpr int8_t kSignValues[16] = {0, 2};

struct Q1_0 : Small {
  using Block = BlockQ1_0;
  static constexpr int kColumns = 128;
  static constexpr int kLowBits = 1, kCodeBits = 2, kBias = 1;
  static constexpr const int8_t* kCodebook = kSignValues;
  static constexpr Scaling kScaling = Scaling::half;
  static void header(const Block& b, uint16_t* halfs, uint8_t*) { halfs[0] = b.d; }
  static void codes(const Block& b, uint8_t* q) {
    for (int i = 0; i < 128; ++i) q[i] = (b.bits[i / 8] >> (i % 8)) & 1;
  }
};

// ±8, ±25, ±43 in ascending order, raised by 43.
inline constexpr int8_t kIq2Values[16] = {0, 18, 35, 51, 68, 86};

// Each value's place among those.
inline void iq2_codes(const int8_t* values, uint8_t* q) {
  for (int i = 0; i < 256; ++i)
    q[i] = static_cast<uint8_t>((values[i] > -43) + (values[i] > -25) + (values[i] > -8) + (values[i] > 8) +
                                (values[i] > 25));
}

struct IQ2_XS : Super {
  using Block = BlockIQ2_XS;
  static constexpr int kSubBlock = 16, kLowBits = 2, kHighBits = 1, kCodeBits = 7, kBias = 43;
  static constexpr const int8_t* kCodebook = kIq2Values;
  static constexpr float kUnit = 0.125f;
  static constexpr Scaling kScaling = Scaling::odd_nibbles;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    __builtin_memcpy(bytes, b.scales, 8);
  }
  static void codes(const Block& b, uint8_t* q) {
    int8_t values[256];
    unpack_values(&b, values);
    iq2_codes(values, q);
  }
};

struct IQ2_S : IQ2_XS {
  using Block = BlockIQ2_S;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    __builtin_memcpy(bytes, b.scales, 8);
  }
  static void codes(const Block& b, uint8_t* q) {
    int8_t values[256];
    unpack_values(&b, values);
    iq2_codes(values, q);
  }
};

// Its groups of 32 are two of 16 with the same scale.
struct IQ2_XXS : IQ2_XS {
  using Block = BlockIQ2_XXS;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    unpack_steps(&b, bytes);
    for (int s = 0; s < 8; ++s) bytes[s] = static_cast<uint8_t>(bytes[s] / 2 * 17);
  }
  static void codes(const Block& b, uint8_t* q) {
    int8_t values[256];
    unpack_values(&b, values);
    iq2_codes(values, q);
  }
};

// ±4, ±12, … ±52, ±62 in ascending order, raised by 62.
inline constexpr int8_t kIq3XxsValues[16] = {0, 10, 18, 26, 34, 42, 50, 58, 66, 74, 82, 90, 98, 106, 114, 124};

struct IQ3_XXS : Super {
  using Block = BlockIQ3_XXS;
  static constexpr int kLowBits = 4, kCodeBits = 7, kBias = 62;
  static constexpr const int8_t* kCodebook = kIq3XxsValues;
  static constexpr float kUnit = 0.25f;
  static constexpr Scaling kScaling = Scaling::signed_bytes;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    unpack_steps(&b, bytes);
  }
  static void codes(const Block& b, uint8_t* q) {
    int8_t values[256];
    unpack_values(&b, values);
    for (int i = 0; i < 256; ++i) q[i] = static_cast<uint8_t>(values[i] > 0 ? 8 + values[i] / 8 : 7 + values[i] / 8);
  }
};

// ±1, ±3, … ±15 in ascending order, raised by 15.
inline constexpr int8_t kOddValues[16] = {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};

struct IQ3_S : Super {
  using Block = BlockIQ3_S;
  static constexpr int kLowBits = 4, kCodeBits = 5, kBias = 15;
  static constexpr const int8_t* kCodebook = kOddValues;
  static constexpr Scaling kScaling = Scaling::signed_bytes;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    unpack_steps(&b, bytes);
  }
  static void codes(const Block& b, uint8_t* q) {
    int8_t values[256];
    unpack_values(&b, values);
    for (int i = 0; i < 256; ++i) q[i] = static_cast<uint8_t>((values[i] + 15) / 2);
  }
};

// The shift of ⅛ up or down is the same for 32 columns, and so part of their minimum.
struct IQ1_S : Super {
  using Block = BlockIQ1_S;
  static constexpr int kLowBits = 2, kCodeBits = 2, kBias = 1;
  static constexpr Scaling kScaling = Scaling::shifted;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    halfs[0] = b.d;
    unpack_steps(&b, bytes);
    for (int s = 0; s < 8; ++s) bytes[s] |= static_cast<uint8_t>(b.group[s] >> 15 << 5);
  }
  static void codes(const Block& b, uint8_t* q) {
    int8_t values[256];
    unpack_values(&b, values);
    for (int i = 0; i < 256; ++i) q[i] = static_cast<uint8_t>((values[i] + 9) / 8);
  }
};

// 8 · (−1, 0, 1) ± 1 in ascending order, raised by 9: here the shift is the same for eight columns only.
inline constexpr int8_t kIq1Values[16] = {0, 2, 8, 10, 16, 18};

struct IQ1_M : Super {
  using Block = BlockIQ1_M;
  static constexpr int kSubBlock = 16, kLowBits = 2, kHighBits = 1, kCodeBits = 5, kBias = 9;
  static constexpr const int8_t* kCodebook = kIq1Values;
  static constexpr float kUnit = 0.125f;
  static constexpr Scaling kScaling = Scaling::odd_nibbles;
  static void header(const Block& b, uint16_t* halfs, uint8_t* bytes) {
    uint8_t steps[16];
    unpack_steps(&b, steps);
    halfs[0] = half_of(&b);
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(steps[2 * i] / 2 | steps[2 * i + 1] / 2 << 4);
  }
  static void codes(const Block& b, uint8_t* q) {
    int8_t values[256];
    unpack_values(&b, values);
    for (int i = 0; i < 256; ++i)
      q[i] = static_cast<uint8_t>((values[i] > -9) + (values[i] > -7) + (values[i] > -1) + (values[i] > 1) +
                                  (values[i] > 7));
  }
};
