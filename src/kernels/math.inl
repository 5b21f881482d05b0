// Elementary functions of a register of float32, built from the Isa's arithmetic.

// highest·xⁿ + … + lowest, by Horner's rule.
template <class... Coefficients>
inline Isa::F32 polynomial(Isa::F32 x, float highest, Coefficients... lower) {
  Isa::F32 sum = Isa::splat(highest);
  ((sum = Isa::fma(sum, x, Isa::splat(lower))), ...);
  return sum;
}

// eˣ, to about 1 ulp for results in the normal range; below that exactly 0, above it +∞; NaN stays NaN.
//
// With n = round(x / ln 2) and r = x − n·ln 2, |r| ≤ ½ ln 2: eˣ = 2ⁿ·eʳ (Cody and Waite, Software Manual for the
// Elementary Functions, 1980). eʳ is its Taylor polynomial of degree 7, whose error of 1e-8 is below half an ulp.
// 2ⁿ is applied in two factors, because n = 128 alone has no float.
inline Isa::F32 exp(Isa::F32 x) {
  constexpr float kLargest = 88.7228317f, kSmallest = -87.3365402f;  // ln of the largest and smallest normal float
  constexpr float kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  // Where a comparison with NaN is false the first of the two operands is kept: NaN passes through the clamp.
  const Isa::F32 high = Isa::where_greater(x, Isa::splat(kLargest), Isa::splat(kLargest), x);
  const Isa::F32 clamped = Isa::where_greater(Isa::splat(kSmallest), high, Isa::splat(kSmallest), high);
  const Isa::F32 n = Isa::round(Isa::mul(clamped, Isa::splat(1.44269504f)));
  Isa::F32 r = Isa::fnma(n, Isa::splat(kLn2High), clamped);
  r = Isa::fnma(n, Isa::splat(kLn2Low), r);

  const Isa::F32 tail =
      polynomial(r, 1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f);  // (eʳ − 1 − r) / r²
  const Isa::F32 power = Isa::add(Isa::fma(Isa::mul(r, r), tail, r), Isa::splat(1));

  const Isa::F32 half = Isa::round(Isa::mul(n, Isa::splat(0.5f)));
  const Isa::F32 y = Isa::mul(Isa::mul(power, Isa::power_of_two(half)), Isa::power_of_two(Isa::sub(n, half)));
  const Isa::F32 infinite = Isa::where_greater(x, Isa::splat(kLargest), Isa::splat(__builtin_inff()), y);
  return Isa::where_greater(Isa::splat(kSmallest), x, Isa::zero(), infinite);
}

// 1 / (1 + e⁻ˣ)
inline Isa::F32 sigmoid(Isa::F32 x) {
  return Isa::div(Isa::splat(1), Isa::add(Isa::splat(1), exp(Isa::sub(Isa::zero(), x))));
}

// tanh x = x + x³·p(x²) near zero, where the other form cancels; else sign(x)·(1 − 2 / (e^(2|x|) + 1)).
inline Isa::F32 tanh(Isa::F32 x) {
  const Isa::F32 magnitude = Isa::abs(x), square = Isa::mul(x, x);
  // Coefficients of Cephes' tanhf (Moshier, Methods and Programs for Mathematical Functions, 1989) for |x| < 0.625.
  const Isa::F32 p = polynomial(square, -5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f,
                                -3.33332819422e-1f);
  const Isa::F32 small = Isa::fma(Isa::mul(p, square), x, x);

  const Isa::F32 e = exp(Isa::add(magnitude, magnitude));
  const Isa::F32 large = Isa::sub(Isa::splat(1), Isa::div(Isa::splat(2), Isa::add(e, Isa::splat(1))));
  const Isa::F32 with_sign = Isa::where_greater(Isa::zero(), x, Isa::sub(Isa::zero(), large), large);
  return Isa::where_greater(magnitude, Isa::splat(0.625f), with_sign, small);
}

// Φ(x) = ½·(1 + erf(x/√2)), to 1e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, 7.1.26, which
// gives Φ(−|x|) = ½·t·p(t)·e^(−x²/2) with t = 1 / (1 + 0.3275911·|x|/√2).
inline Isa::F32 normal_distribution(Isa::F32 x) {
  const Isa::F32 one = Isa::splat(1);
  const Isa::F32 t = Isa::div(one, Isa::fma(Isa::abs(x), Isa::splat(0.231641888f), one));
  const Isa::F32 p = polynomial(t, 0.5307027145f, -0.7265760135f, 0.7107068705f, -0.142248368f, 0.127414796f);
  const Isa::F32 below = Isa::mul(Isa::mul(p, t), exp(Isa::mul(Isa::mul(x, x), Isa::splat(-0.5f))));
  return Isa::where_greater(x, Isa::zero(), Isa::sub(one, below), below);
}
