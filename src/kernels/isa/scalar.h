// Plain C++ in place of vector instructions: the reference that every other set must equal, and the fallback.

struct Isa {
  static constexpr int kLanes = 8;  // 32-bit lanes of a register

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
    return each([&](int i) { return from_f16(p[i]); });
  }
  static void store_f16(uint16_t* p, F32 a) {
    for (int i = 0; i < kLanes; ++i) p[i] = to_f16(a.lane[i]);
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
  // 2ⁿ for integers n in [−126, 127].
  static F32 power_of_two(F32 n) {
    return each([&](int i) { return __builtin_bit_cast(float, (static_cast<int32_t>(n.lane[i]) + 127) << 23); });
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
};
