// AVX-512 with VNNI: 512-bit registers of sixteen 32-bit lanes, and four int8 products summed in one instruction.

struct Isa {
  static constexpr int kLanes = 16;  // 32-bit lanes of a register
  static constexpr int kRegisters = 32;

  // ---- float32 ----
  using F32 = __m512;

  static F32 zero() { return _mm512_setzero_ps(); }
  static F32 splat(float x) { return _mm512_set1_ps(x); }
  static F32 load(const float* p) { return _mm512_loadu_ps(p); }
  // The first n lanes, 0 ≤ n ≤ kLanes; the others are zero.
  static F32 load_first(const float* p, int n) { return _mm512_maskz_loadu_ps(first(n), p); }
  static void store(float* p, F32 a) { _mm512_storeu_ps(p, a); }
  static void store_first(float* p, F32 a, int n) { _mm512_mask_storeu_ps(p, first(n), a); }
  static F32 load_f16(const uint16_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static F32 splat_f16(const void* p) {
    uint16_t half;
    __builtin_memcpy(&half, p, sizeof(half));
    return _mm512_cvtph_ps(_mm256_set1_epi16(static_cast<short>(half)));
  }
  static void store_f16(uint16_t* p, F32 a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
  }

  static F32 add(F32 a, F32 b) { return _mm512_add_ps(a, b); }
  static F32 sub(F32 a, F32 b) { return _mm512_sub_ps(a, b); }
  static F32 mul(F32 a, F32 b) { return _mm512_mul_ps(a, b); }
  static F32 div(F32 a, F32 b) { return _mm512_div_ps(a, b); }
  // a·b + c, rounded once.
  static F32 fma(F32 a, F32 b, F32 c) { return _mm512_fmadd_ps(a, b, c); }
  // c − a·b, rounded once.
  static F32 fnma(F32 a, F32 b, F32 c) { return _mm512_fnmadd_ps(a, b, c); }
  static F32 max(F32 a, F32 b) { return _mm512_max_ps(a, b); }
  static F32 min(F32 a, F32 b) { return _mm512_min_ps(a, b); }
  static F32 abs(F32 a) { return _mm512_abs_ps(a); }
  // To the nearest integer, halves to even.
  static F32 round(F32 a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  // 2ⁿ for integers n in [−126, 127].
  static F32 power_of_two(F32 n) {
    const __m512i exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23));
  }
  // x where a > b, else y.
  static F32 where_greater(F32 a, F32 b, F32 x, F32 y) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), y, x);
  }
  // Halves are added (or compared) until one lane is left.
  static float reduce_add(F32 a) {
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
  }
  static float reduce_max(F32 a) {
    const __m256 half = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
  }

  // ---- int8 products ----
  // Bytes: 4 · kLanes bytes, four columns of one row in each lane. I32 and Partial: a sum per lane.
  using Bytes = __m512i;
  struct I32 {
    __m512i sum;
  };
  using Partial = I32;
  // What is added to signed codes before add_dot, which takes unsigned ones: the instruction knows no signed pair.
  static constexpr int kSignedOffset = 128;
  // How many dots of `code_bits`-bit codes one Partial holds: any number.
  static constexpr int dots_per_partial(int) { return 8; }

  static Bytes load_bytes(const void* p) { return _mm512_loadu_si512(p); }
  static void store_bytes(void* p, Bytes a) { _mm512_storeu_si512(p, a); }
  // Group i of `groups`, four bytes each, for every lane.
  using Group = Bytes;
  static Group group(const int8_t* groups, int i) {
    int32_t bytes;
    __builtin_memcpy(&bytes, groups + 4 * i, 4);
    return _mm512_set1_epi32(bytes);
  }
  // (a >> right) & mask of each byte; left for negative `right`. The mask holds no bit that comes from a neighbour.
  static Bytes bits(Bytes a, int right, int mask) {
    const Bytes shifted = right > 0   ? _mm512_srli_epi16(a, static_cast<unsigned>(right))
                          : right < 0 ? _mm512_slli_epi16(a, static_cast<unsigned>(-right))
                                      : a;
    return _mm512_and_si512(shifted, _mm512_set1_epi8(static_cast<char>(mask)));
  }
  static Bytes merge(Bytes a, Bytes b) { return _mm512_or_si512(a, b); }
  // table[code] for codes below 16.
  static Bytes look_up(const int8_t* table, Bytes code) {
    const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(values), code);
  }
  static Partial empty_partial() { return {_mm512_setzero_si512()}; }
  // Adds Σ codes · x over the four bytes of each lane, codes unsigned and x signed.
  static Partial add_dot(Partial sum, Bytes codes, Group x) { return {_mm512_dpbusd_epi32(sum.sum, codes, x)}; }
  // Adds Σ (codes + kSignedOffset) · x for signed codes.
  static Partial add_signed_dot(Partial sum, Bytes codes, Group x) {
    return add_dot(sum, _mm512_xor_si512(codes, _mm512_set1_epi8(-128)), x);
  }
  static I32 widen(Partial a) { return a; }
  static I32 add_i32(I32 a, I32 b) { return {_mm512_add_epi32(a.sum, b.sum)}; }
  static F32 to_f32(I32 a) { return _mm512_cvtepi32_ps(a.sum); }
  static F32 load_i8(const uint8_t* p) { return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(sixteen_bytes(p))); }
  static F32 load_u8(const uint8_t* p) { return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(sixteen_bytes(p))); }
  // The low and the high four bits of each byte.
  static F32 load_low_nibbles(const uint8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_and_si512(_mm512_cvtepu8_epi32(sixteen_bytes(p)), _mm512_set1_epi32(15)));
  }
  static F32 load_high_nibbles(const uint8_t* p) {
    return _mm512_cvtepi32_ps(_mm512_srli_epi32(_mm512_cvtepu8_epi32(sixteen_bytes(p)), 4));
  }
  // 2^(e − 128), subnormal for e < 2.
  static F32 load_exponents(const uint8_t* p) {
    const __m512i e = _mm512_cvtepu8_epi32(sixteen_bytes(p)), one = _mm512_set1_epi32(1);
    const __m512i normal = _mm512_slli_epi32(_mm512_sub_epi32(e, one), 23);
    const __m512i subnormal = _mm512_sllv_epi32(_mm512_set1_epi32(0x200000), e);
    return _mm512_castsi512_ps(_mm512_mask_blend_epi32(_mm512_cmpgt_epi32_mask(e, one), subnormal, normal));
  }
  // Half of a sign-less float of 8 bits, 4 of them exponent with a bias of 7, 3 mantissa.
  static F32 load_e4m3(const uint8_t* p) {
    const __m512i bits = _mm512_slli_epi32(_mm512_cvtepu8_epi32(sixteen_bytes(p)), 20);
    return _mm512_mul_ps(_mm512_castsi512_ps(bits), _mm512_set1_ps(0x1p119f));
  }
  static F32 load_bf16(const uint16_t* p) {
    const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
  }
  // Integers in [−127, 127] as bytes; NaN becomes −128.
  static void store_i8(int8_t* p, F32 a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(a)));
  }
  static void prefetch(const void* p) { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }

 private:
  static __mmask16 first(int n) { return static_cast<__mmask16>((1u << n) - 1); }
  static __m128i sixteen_bytes(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
};
