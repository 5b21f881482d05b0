// NEON of ARMv8.2 with the dot-product extension: 128-bit registers of four 32-bit lanes.

struct Isa {
  static constexpr int kLanes = 4;  // 32-bit lanes of a register
  static constexpr int kRegisters = 32;

  // ---- float32 ----
  using F32 = float32x4_t;

  static F32 zero() { return vdupq_n_f32(0); }
  static F32 splat(float x) { return vdupq_n_f32(x); }
  static F32 load(const float* p) { return vld1q_f32(p); }
  // The first n lanes, 0 ≤ n ≤ kLanes; the others are zero.
  static F32 load_first(const float* p, int n) {
    float lanes[kLanes] = {};
    for (int i = 0; i < n; ++i) lanes[i] = p[i];
    return load(lanes);
  }
  static void store(float* p, F32 a) { vst1q_f32(p, a); }
  static void store_first(float* p, F32 a, int n) {
    float lanes[kLanes];
    store(lanes, a);
    for (int i = 0; i < n; ++i) p[i] = lanes[i];
  }
  static F32 load_f16(const uint16_t* p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
  static F32 splat_f16(const void* p) {
    uint16_t half;
    __builtin_memcpy(&half, p, sizeof(half));
    return vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(half)));
  }
  static void store_f16(uint16_t* p, F32 a) { vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(a))); }

  static F32 add(F32 a, F32 b) { return vaddq_f32(a, b); }
  static F32 sub(F32 a, F32 b) { return vsubq_f32(a, b); }
  static F32 mul(F32 a, F32 b) { return vmulq_f32(a, b); }
  static F32 div(F32 a, F32 b) { return vdivq_f32(a, b); }
  // a·b + c, rounded once.
  static F32 fma(F32 a, F32 b, F32 c) { return vfmaq_f32(c, a, b); }
  // c − a·b, rounded once.
  static F32 fnma(F32 a, F32 b, F32 c) { return vfmsq_f32(c, a, b); }
  // ARM's own maximum differs from the other sets' where an operand is NaN or both are zero.
  static F32 max(F32 a, F32 b) { return where_greater(a, b, a, b); }
  static F32 min(F32 a, F32 b) { return where_greater(b, a, a, b); }
  static F32 abs(F32 a) { return vabsq_f32(a); }
  // To the nearest integer, halves to even.
  static F32 round(F32 a) { return vrndnq_f32(a); }
  // 2ⁿ for integers n in [−126, 127].
  static F32 power_of_two(F32 n) {
    const int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
    return vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23));
  }
  // x where a > b, else y.
  static F32 where_greater(F32 a, F32 b, F32 x, F32 y) { return vbslq_f32(vcgtq_f32(a, b), x, y); }
  // Halves are added (or compared) until one lane is left.
  static float reduce_add(F32 a) {
    const float32x2_t half = vadd_f32(vget_low_f32(a), vget_high_f32(a));
    return vget_lane_f32(half, 0) + vget_lane_f32(half, 1);
  }
  static float reduce_max(F32 a) {
    const float32x4_t half = max(a, vextq_f32(a, a, 2));
    return vgetq_lane_f32(max(half, vextq_f32(half, half, 1)), 0);
  }

  // ---- int8 products ----
  // Bytes: 4 · kLanes bytes, four columns of one row in each lane. I32 and Partial: a sum per lane.
  using Bytes = uint8x16_t;
  struct I32 {
    int32x4_t sum;
  };
  using Partial = I32;
  // What is added to signed codes before add_dot; add_signed_dot needs nothing.
  static constexpr int kSignedOffset = 0;
  // How many dots of `code_bits`-bit codes one Partial holds: any number.
  static constexpr int dots_per_partial(int) { return 8; }

  static Bytes load_bytes(const void* p) { return vld1q_u8(static_cast<const uint8_t*>(p)); }
  static void store_bytes(void* p, Bytes a) { vst1q_u8(static_cast<uint8_t*>(p), a); }
  // Group i of `groups`, four bytes each, for every lane: the instruction takes one of the four in a register.
  struct Group {
    int8x16_t four;
    int lane;
  };
  static Group group(const int8_t* groups, int i) { return {vld1q_s8(groups + i / 4 * 16), i % 4}; }
  // (a >> right) & mask of each byte; left for negative `right`. The mask holds no bit that comes from a neighbour.
  static Bytes bits(Bytes a, int right, int mask) {
    const Bytes shifted = right >= 0 ? a >> static_cast<uint8_t>(right) : a << static_cast<uint8_t>(-right);
    return vandq_u8(shifted, vdupq_n_u8(static_cast<uint8_t>(mask)));
  }
  static Bytes merge(Bytes a, Bytes b) { return vorrq_u8(a, b); }
  // table[code] for codes below 16.
  static Bytes look_up(const int8_t* table, Bytes code) { return vqtbl1q_u8(load_bytes(table), code); }
  static Partial empty_partial() { return {vdupq_n_s32(0)}; }
  // Adds Σ codes · x over the four bytes of each lane. Both are signed for the instruction: as unsigned codes take
  // seven bits at most, it reads them as what they are.
  static Partial add_dot(Partial sum, Bytes codes, Group x) {
    const int8x16_t q = vreinterpretq_s8_u8(codes);
    switch (x.lane) {
      case 0: return {vdotq_laneq_s32(sum.sum, q, x.four, 0)};
      case 1: return {vdotq_laneq_s32(sum.sum, q, x.four, 1)};
      case 2: return {vdotq_laneq_s32(sum.sum, q, x.four, 2)};
      default: return {vdotq_laneq_s32(sum.sum, q, x.four, 3)};
    }
  }
  // The same with signed codes.
  static Partial add_signed_dot(Partial sum, Bytes codes, Group x) { return add_dot(sum, codes, x); }
  static I32 widen(Partial a) { return a; }
  static I32 add_i32(I32 a, I32 b) { return {vaddq_s32(a.sum, b.sum)}; }
  static F32 to_f32(I32 a) { return vcvtq_f32_s32(a.sum); }
  static F32 load_i8(const uint8_t* p) {
    const int8x8_t bytes = vreinterpret_s8_u32(vdup_n_u32(four_bytes(p)));
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(bytes))));
  }
  static F32 load_u8(const uint8_t* p) { return vcvtq_f32_u32(widened(p)); }
  // The low and the high four bits of each byte.
  static F32 load_low_nibbles(const uint8_t* p) { return vcvtq_f32_u32(vandq_u32(widened(p), vdupq_n_u32(15))); }
  static F32 load_high_nibbles(const uint8_t* p) { return vcvtq_f32_u32(vshrq_n_u32(widened(p), 4)); }
  // 2^(e − 128), subnormal for e < 2.
  static F32 load_exponents(const uint8_t* p) {
    const uint32x4_t e = widened(p), one = vdupq_n_u32(1);
    const uint32x4_t normal = vshlq_n_u32(vsubq_u32(e, one), 23);
    const uint32x4_t subnormal = vshlq_u32(vdupq_n_u32(0x200000), vreinterpretq_s32_u32(e));
    return vreinterpretq_f32_u32(vbslq_u32(vcgtq_u32(e, one), normal, subnormal));
  }
  // Half of a sign-less float of 8 bits, 4 of them exponent with a bias of 7, 3 mantissa.
  static F32 load_e4m3(const uint8_t* p) {
    return vmulq_n_f32(vreinterpretq_f32_u32(vshlq_n_u32(widened(p), 20)), 0x1p119f);
  }
  static F32 load_bf16(const uint16_t* p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
  // Integers in [−127, 127] as bytes; NaN becomes −128.
  static void store_i8(int8_t* p, F32 a) {
    const int32x4_t words = vbslq_s32(vceqq_f32(a, a), vcvtq_s32_f32(a), vdupq_n_s32(-128));
    const int16x4_t shorts = vmovn_s32(words);
    const uint32x2_t bytes = vreinterpret_u32_s8(vmovn_s16(vcombine_s16(shorts, shorts)));
    const uint32_t first = vget_lane_u32(bytes, 0);
    __builtin_memcpy(p, &first, sizeof(first));
  }
  static void prefetch(const void* p) { __builtin_prefetch(p); }

 private:
  static uint32_t four_bytes(const void* p) {
    uint32_t bytes;
    __builtin_memcpy(&bytes, p, sizeof(bytes));
    return bytes;
  }
  static uint32x4_t widened(const uint8_t* p) {
    const uint8x8_t bytes = vreinterpret_u8_u32(vdup_n_u32(four_bytes(p)));
    return vmovl_u16(vget_low_u16(vmovl_u8(bytes)));
  }
};
