// Plain C++ in place of vector instructions: the reference that every other set must equal, and the fallback.

struct Isa {
  static constexpr int kLanes = 8;  // 32-bit lanes of a register
  static constexpr int kRegisters = 16;

  // ---- float32 ----
  struct F32 {
    float lane[kLanes];
  };
  template <class F>
  static F32 each(F f) {
    F32 out;
    for (int i = 0; i < kLanes; ++i) out.lane[i] = f(i);
    return out;
  }

  static F32 zero() { return splat(0); }
  static F32 splat(float x) {
    return each([&](int) { return x; });
  }
  static F32 load(const float* p) {
    return each([&](int i) { return p[i]; });
  }
  // The first n lanes, 0 ≤ n ≤ kLanes; the others are zero.
  static F32 load_first(const float* p, int n) {
    return each([&](int i) { return i < n ? p[i] : 0.0f; });
  }
  static void store(float* p, F32 a) { store_first(p, a, kLanes); }
  static void store_first(float* p, F32 a, int n) {
    for (int i = 0; i < n; ++i) p[i] = a.lane[i];
  }
  static F32 load_f16(const uint16_t* p) {
    return each([&](int i) { return loam::f16_to_f32(p[i]); });
  }
  static F32 splat_f16(const void* p) {
    uint16_t half;
    __builtin_memcpy(&half, p, sizeof(half));
    return splat(loam::f16_to_f32(half));
  }
  static void store_f16(uint16_t* p, F32 a) {
    for (int i = 0; i < kLanes; ++i) p[i] = loam::f32_to_f16(a.lane[i]);
  }

  static F32 add(F32 a, F32 b) {
    return each([&](int i) { return a.lane[i] + b.lane[i]; });
  }
  static F32 sub(F32 a, F32 b) {
    return each([&](int i) { return a.lane[i] - b.lane[i]; });
  }
  static F32 mul(F32 a, F32 b) {
    return each([&](int i) { return a.lane[i] * b.lane[i]; });
  }
  static F32 div(F32 a, F32 b) {
    return each([&](int i) { return a.lane[i] / b.lane[i]; });
  }
  // a·b + c, rounded once.
  static F32 fma(F32 a, F32 b, F32 c) {
    return each([&](int i) { return __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]); });
  }
  // c − a·b, rounded once.
  static F32 fnma(F32 a, F32 b, F32 c) {
    return each([&](int i) { return __builtin_fmaf(-a.lane[i], b.lane[i], c.lane[i]); });
  }
  static F32 max(F32 a, F32 b) {
    return each([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  static F32 min(F32 a, F32 b) {
    return each([&](int i) { return a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  static F32 abs(F32 a) {
    return each([&](int i) { return __builtin_fabsf(a.lane[i]); });
  }
  // To the nearest integer, halves to even.
  static F32 round(F32 a) {
    return each([&](int i) { return __builtin_rintf(a.lane[i]); });
  }
  // 2ⁿ for integers n in [−126, 127]; any number for NaN.
  static F32 power_of_two(F32 n) {
    return each([&](int i) {
      const int32_t exponent = n.lane[i] == n.lane[i] ? static_cast<int32_t>(n.lane[i]) : 0;
      return __builtin_bit_cast(float, (exponent + 127) << 23);
    });
  }
  // x where a > b, else y.
  static F32 where_greater(F32 a, F32 b, F32 x, F32 y) {
    return each([&](int i) { return a.lane[i] > b.lane[i] ? x.lane[i] : y.lane[i]; });
  }
  // Halves are added (or compared) until one lane is left.
  static float reduce_add(F32 a) {
    for (int n = kLanes / 2; n > 0; n /= 2)
      for (int i = 0; i < n; ++i) a.lane[i] += a.lane[i + n];
    return a.lane[0];
  }
  static float reduce_max(F32 a) {
    for (int n = kLanes / 2; n > 0; n /= 2)
      for (int i = 0; i < n; ++i) a.lane[i] = a.lane[i] > a.lane[i + n] ? a.lane[i] : a.lane[i + n];
    return a.lane[0];
  }

  // ---- int8 products ----
  // Bytes: 4 · kLanes bytes, four columns of one row in each lane. I32: a sum per lane.
  struct Bytes {
    uint8_t byte[4 * kLanes];
  };
  struct I32 {
    int32_t lane[kLanes];
  };
  // What is added to signed codes before add_dot; add_signed_dot needs nothing.
  static constexpr int kSignedOffset = 0;
  // How many dots of `code_bits`-bit codes one Partial holds; at least 1.
  static constexpr int dots_per_partial(int) { return 8; }
  using Partial = I32;

  static Bytes load_bytes(const void* p) {
    Bytes out;
    __builtin_memcpy(out.byte, p, sizeof(out.byte));
    return out;
  }
  static void store_bytes(void* p, Bytes a) { __builtin_memcpy(p, a.byte, sizeof(a.byte)); }
  template <class F>
  static Bytes each_byte(F f) {
    Bytes out;
    for (int i = 0; i < 4 * kLanes; ++i) out.byte[i] = static_cast<uint8_t>(f(i));
    return out;
  }
  // Group i of `groups`, four bytes each, for every lane.
  using Group = Bytes;
  static Group group(const int8_t* groups, int i) {
    return each_byte([&](int byte) { return groups[4 * i + byte % 4]; });
  }
  // (a >> right) & mask of each byte; left for negative `right`. The mask holds no bit that comes from a neighbour.
  static Bytes bits(Bytes a, int right, int mask) {
    return each_byte([&](int i) { return (right >= 0 ? a.byte[i] >> right : a.byte[i] << -right) & mask; });
  }
  static Bytes merge(Bytes a, Bytes b) {
    return each_byte([&](int i) { return a.byte[i] | b.byte[i]; });
  }
  // table[code] for codes below 16.
  static Bytes look_up(const int8_t* table, Bytes code) {
    return each_byte([&](int i) { return table[code.byte[i]]; });
  }
  static Partial empty_partial() { return {}; }
  // Adds Σ codes · x over the four bytes of each lane, codes unsigned and x signed.
  static Partial add_dot(Partial sum, Bytes codes, Group x) {
    for (int i = 0; i < 4 * kLanes; ++i) sum.lane[i / 4] += codes.byte[i] * static_cast<int8_t>(x.byte[i]);
    return sum;
  }
  // The same with signed codes.
  static Partial add_signed_dot(Partial sum, Bytes codes, Group x) {
    for (int i = 0; i < 4 * kLanes; ++i)
      sum.lane[i / 4] += static_cast<int8_t>(codes.byte[i]) * static_cast<int8_t>(x.byte[i]);
    return sum;
  }
  static I32 widen(Partial a) { return a; }
  static I32 add_i32(I32 a, I32 b) {
    for (int i = 0; i < kLanes; ++i) a.lane[i] += b.lane[i];
    return a;
  }
  static F32 to_f32(I32 a) {
    return each([&](int i) { return static_cast<float>(a.lane[i]); });
  }
  static F32 load_i8(const uint8_t* p) {
    return each([&](int i) { return static_cast<float>(static_cast<int8_t>(p[i])); });
  }
  static F32 load_u8(const uint8_t* p) {
    return each([&](int i) { return static_cast<float>(p[i]); });
  }
  // The low and the high four bits of each byte.
  static F32 load_low_nibbles(const uint8_t* p) {
    return each([&](int i) { return static_cast<float>(p[i] & 15); });
  }
  static F32 load_high_nibbles(const uint8_t* p) {
    return each([&](int i) { return static_cast<float>(p[i] >> 4); });
  }
  // 2^(e − 128), subnormal for e < 2.
  static F32 load_exponents(const uint8_t* p) {
    return each([&](int i) {
      return __builtin_bit_cast(float, p[i] < 2 ? 0x200000u << p[i] : static_cast<uint32_t>(p[i] - 1) << 23);
    });
  }
  // Half of a sign-less float of 8 bits, 4 of them exponent with a bias of 7, 3 mantissa.
  static F32 load_e4m3(const uint8_t* p) {
    return each([&](int i) { return __builtin_bit_cast(float, static_cast<uint32_t>(p[i]) << 20) * 0x1p119f; });
  }
  static F32 load_bf16(const uint16_t* p) {
    return each([&](int i) { return __builtin_bit_cast(float, static_cast<uint32_t>(p[i]) << 16); });
  }
  // Integers in [−127, 127] as bytes; NaN becomes −128.
  static void store_i8(int8_t* p, F32 a) {
    for (int i = 0; i < kLanes; ++i)
      p[i] = static_cast<int8_t>(a.lane[i] == a.lane[i] ? static_cast<int>(a.lane[i]) : -128);
  }
  static void prefetch(const void* p) { __builtin_prefetch(p); }
};
