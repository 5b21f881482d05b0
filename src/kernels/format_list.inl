// The plain numbers, and the choice of what stands for a type.

struct F32Weights {
  using Element = float;
  static Isa::F32 load(const Element* p) { return Isa::load(p); }
  static float value(Element x) { return x; }
};
struct F16Weights {
  using Element = uint16_t;
  static Isa::F32 load(const Element* p) { return Isa::load_f16(p); }
  static float value(Element x) { return loam::f16_to_f32(x); }
};
struct BF16Weights {
  using Element = uint16_t;
  static Isa::F32 load(const Element* p) { return Isa::load_bf16(p); }
  static float value(Element x) { return __builtin_bit_cast(float, static_cast<uint32_t>(x) << 16); }
};

// Calls quantised(Format{}) or plain(Weights{}) for the format of `dtype`, or returns Result{} where there is none.
template <class Result, class Quantised, class Plain>
inline Result for_format(DType dtype, Quantised quantised, Plain plain) {
  switch (dtype) {
    case DType::f32: return plain(F32Weights{});
    case DType::f16: return plain(F16Weights{});
    case DType::bf16: return plain(BF16Weights{});
    case DType::q4_0: return quantised(Q4_0{});
    case DType::q4_1: return quantised(Q4_1{});
    case DType::q5_0: return quantised(Q5_0{});
    case DType::q5_1: return quantised(Q5_1{});
    case DType::q8_0: return quantised(Q8_0{});
    case DType::q2_k: return quantised(Q2_K{});
    case DType::q3_k: return quantised(Q3_K{});
    case DType::q4_k: return quantised(Q4_K{});
    case DType::q5_k: return quantised(Q5_K{});
    case DType::q6_k: return quantised(Q6_K{});
    case DType::q8_k: return quantised(Q8_K{});
    case DType::iq1_s: return quantised(IQ1_S{});
    case DType::iq1_m: return quantised(IQ1_M{});
    case DType::iq2_xxs: return quantised(IQ2_XXS{});
    case DType::iq2_xs: return quantised(IQ2_XS{});
    case DType::iq2_s: return quantised(IQ2_S{});
    case DType::iq3_xxs: return quantised(IQ3_XXS{});
    case DType::iq3_s: return quantised(IQ3_S{});
    case DType::iq4_nl: return quantised(IQ4_NL{});
    case DType::iq4_xs: return quantised(IQ4_XS{});
    case DType::mxfp4: return quantised(MXFP4{});
    case DType::nvfp4: return quantised(NVFP4{});
    case DType::tq1_0: return quantised(TQ1_0{});
    case DType::tq2_0: return quantised(TQ2_0{});
    case DType::q1_0: return quantised(Q1_0{});
    case DType::q2_0: return quantised(Q2_0{});
    default: return Result();
  }
}

// The format whose packed form a format shares, and so its products.
template <class Format>
struct PackedAs {
  using type = Format;
};
template <>
struct PackedAs<IQ2_S> {
  using type = IQ2_XS;
};
template <>
struct PackedAs<IQ2_XXS> {
  using type = IQ2_XS;
};
template <>
struct PackedAs<TQ1_0> {
  using type = TQ2_0;
};
