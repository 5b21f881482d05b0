// AVX-VNNI: AVX2 whose int8 products are summed four at a time, in 32 bits.

struct Isa : Avx2 {
  using Partial = I32;
  // What is added to signed codes before add_dot, which takes unsigned ones: the instruction knows no signed pair.
  static constexpr int kSignedOffset = 128;
  // How many dots of `code_bits`-bit codes one Partial holds: any number.
  static constexpr int dots_per_partial(int) { return 8; }

  static Partial empty_partial() { return {_mm256_setzero_si256()}; }
  // Adds Σ codes · x over the four bytes of each lane, codes unsigned and x signed.
  static Partial add_dot(Partial sum, Bytes codes, Group x) { return {_mm256_dpbusd_epi32(sum.sum, codes, x)}; }
  // Adds Σ (codes + kSignedOffset) · x for signed codes.
  static Partial add_signed_dot(Partial sum, Bytes codes, Group x) {
    return add_dot(sum, _mm256_xor_si256(codes, _mm256_set1_epi8(-128)), x);
  }
  static I32 widen(Partial a) { return a; }
};
