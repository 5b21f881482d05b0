// AVX2 with FMA and F16C: 256-bit registers of eight 32-bit lanes.

struct Avx2 {
  static constexpr int kLanes = 8;  // 32-bit lanes of a register
  static constexpr int kRegisters = 16;

  // ---- float32 ----
  using F32 = __m256;

  static F32 zero() { return _mm256_setzero_ps(); }
  static F32 splat(float x) { return _mm256_set1_ps(x); }
  static F32 load(const float* p) { return _mm256_loadu_ps(p); }
  // The first n lanes, 0 ≤ n ≤ kLanes; the others are zero.
  static F32 load_first(const float* p, int n) { return _mm256_maskload_ps(p, first(n)); }
  static void store(float* p, F32 a) { _mm256_storeu_ps(p, a); }
  static void store_first(float* p, F32 a, int n) { _mm256_maskstore_ps(p, first(n), a); }
  static F32 load_f16(const uint16_t* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static F32 splat_f16(const void* p) {
    uint16_t half;
    __builtin_memcpy(&half, p, sizeof(half));
    return _mm256_cvtph_ps(_mm_set1_epi16(static_cast<short>(half)));
  }
  static void store_f16(uint16_t* p, F32 a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
  }

  static F32 add(F32 a, F32 b) { return _mm256_add_ps(a, b); }
  static F32 sub(F32 a, F32 b) { return _mm256_sub_ps(a, b); }
  static F32 mul(F32 a, F32 b) { return _mm256_mul_ps(a, b); }
  static F32 div(F32 a, F32 b) { return _mm256_div_ps(a, b); }
  // a·b + c, rounded once.
  static F32 fma(F32 a, F32 b, F32 c) { return _mm256_fmadd_ps(a, b, c); }
  // c − a·b, rounded once.
  static F32 fnma(F32 a, F32 b, F32 c) { return _mm256_fnmadd_ps(a, b, c); }
  static F32 max(F32 a, F32 b) { return _mm256_max_ps(a, b); }
  static F32 min(F32 a, F32 b) { return _mm256_min_ps(a, b); }
  static F32 abs(F32 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
  // To the nearest integer, halves to even.
  static F32 round(F32 a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  // 2ⁿ for integers n in [−126, 127].
  static F32 power_of_two(F32 n) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
  }
  // x where a > b, else y.
  static F32 where_greater(F32 a, F32 b, F32 x, F32 y) {
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
  }
  // Halves are added (or compared) until one lane is left.
  static float reduce_add(F32 a) {
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
  }
  static float reduce_max(F32 a) {
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
  }

  // ---- int8 products ----
  // Bytes: 4 · kLanes bytes, four columns of one row in each lane. I32: a sum per lane.
  // Partial: sixteen 16-bit sums, two a lane, each of one byte pair's products per dot.
  using Bytes = __m256i;
  struct I32 {
    __m256i sum;
  };
  struct Partial {
    __m256i sum;
  };
  // What is added to signed codes before add_dot; add_signed_dot needs nothing.
  static constexpr int kSignedOffset = 0;
  // How many dots of `code_bits`-bit codes one Partial holds: 2 · (2ᵇ − 1) · 127 each, 32767 in all. Eight bits are the
  // signed codes, whose magnitudes reach 128.
  static constexpr int dots_per_partial(int code_bits) {
    return code_bits == 8 ? 1 : 32767 / (254 * ((1 << code_bits) - 1));
  }

  static Bytes load_bytes(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void store_bytes(void* p, Bytes a) { _mm256_storeu_si256(static_cast<__m256i*>(p), a); }
  // Group i of `groups`, four bytes each, for every lane.
  using Group = Bytes;
  static Group group(const int8_t* groups, int i) {
    int32_t bytes;
    __builtin_memcpy(&bytes, groups + 4 * i, 4);
    return _mm256_set1_epi32(bytes);
  }
  // (a >> right) & mask of each byte; left for negative `right`. The mask holds no bit that comes from a neighbour.
  static Bytes bits(Bytes a, int right, int mask) {
    const Bytes shifted = right > 0 ? _mm256_srli_epi16(a, right) : right < 0 ? _mm256_slli_epi16(a, -right) : a;
    return _mm256_and_si256(shifted, _mm256_set1_epi8(static_cast<char>(mask)));
  }
  static Bytes merge(Bytes a, Bytes b) { return _mm256_or_si256(a, b); }
  // table[code] for codes below 16.
  static Bytes look_up(const int8_t* table, Bytes code) {
    const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(values), code);
  }
  static Partial empty_partial() { return {_mm256_setzero_si256()}; }
  // Adds Σ codes · x over the four bytes of each lane, codes unsigned and x signed.
  static Partial add_dot(Partial sum, Bytes codes, Group x) {
    return {_mm256_add_epi16(sum.sum, _mm256_maddubs_epi16(codes, x))};
  }
  // The same with signed codes: |codes| · (x with the codes' signs). |−128| is 128, read as unsigned.
  static Partial add_signed_dot(Partial sum, Bytes codes, Group x) {
    return add_dot(sum, _mm256_abs_epi8(codes), _mm256_sign_epi8(x, codes));
  }
  static I32 widen(Partial a) { return {_mm256_madd_epi16(a.sum, _mm256_set1_epi16(1))}; }
  static I32 add_i32(I32 a, I32 b) { return {_mm256_add_epi32(a.sum, b.sum)}; }
  static F32 to_f32(I32 a) { return _mm256_cvtepi32_ps(a.sum); }
  static F32 load_i8(const uint8_t* p) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight_bytes(p))); }
  static F32 load_u8(const uint8_t* p) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight_bytes(p))); }
  // The low and the high four bits of each byte.
  static F32 load_low_nibbles(const uint8_t* p) {
    return _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_cvtepu8_epi32(eight_bytes(p)), _mm256_set1_epi32(15)));
  }
  static F32 load_high_nibbles(const uint8_t* p) {
    return _mm256_cvtepi32_ps(_mm256_srli_epi32(_mm256_cvtepu8_epi32(eight_bytes(p)), 4));
  }
  // 2^(e − 128), subnormal for e < 2.
  static F32 load_exponents(const uint8_t* p) {
    const __m256i e = _mm256_cvtepu8_epi32(eight_bytes(p)), one = _mm256_set1_epi32(1);
    const __m256i normal = _mm256_slli_epi32(_mm256_sub_epi32(e, one), 23);
    const __m256i subnormal = _mm256_sllv_epi32(_mm256_set1_epi32(0x200000), e);
    return _mm256_castsi256_ps(_mm256_blendv_epi8(subnormal, normal, _mm256_cmpgt_epi32(e, one)));
  }
  // Half of a sign-less float of 8 bits, 4 of them exponent with a bias of 7, 3 mantissa.
  static F32 load_e4m3(const uint8_t* p) {
    const __m256i bits = _mm256_slli_epi32(_mm256_cvtepu8_epi32(eight_bytes(p)), 20);
    return _mm256_mul_ps(_mm256_castsi256_ps(bits), _mm256_set1_ps(0x1p119f));
  }
  static F32 load_bf16(const uint16_t* p) {
    const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
  }
  // Integers in [−127, 127] as bytes; NaN becomes −128.
  static void store_i8(int8_t* p, F32 a) {
    const __m256i words = _mm256_cvtps_epi32(a);
    const __m128i shorts = _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(shorts, shorts));
  }
  static void prefetch(const void* p) { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }

 private:
  static __m256i first(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static __m128i eight_bytes(const uint8_t* p) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)); }
};
