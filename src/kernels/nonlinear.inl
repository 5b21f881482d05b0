// The functions between the halves of a feed-forward layer, alone or gating a second vector.

// g / (1 + e⁻ᵍ), with a steepness: Ramachandran, Zoph and Le, Searching for Activation Functions, 2017.
inline Isa::F32 silu(Isa::F32 g) { return Isa::div(g, Isa::add(Isa::splat(1), exp(Isa::sub(Isa::zero(), g)))); }
inline Isa::F32 silu(Isa::F32 g, float steepness) {
  return Isa::div(g, Isa::add(Isa::splat(1), exp(Isa::mul(Isa::splat(-steepness), g))));
}

// softplus(x) = ln(1 + eˣ), to some ulp. With y = e^−|x| it is max(x, 0) + ln(1 + y), and ln(1 + y) = 2·artanh(s) for
// s = y/(2 + y) ≤ 1/3, by its series.
inline Isa::F32 softplus(Isa::F32 x) {
  const Isa::F32 y = exp(Isa::sub(Isa::zero(), Isa::abs(x)));
  const Isa::F32 s = Isa::div(y, Isa::add(y, Isa::splat(2)));
  const Isa::F32 series =
      polynomial(Isa::mul(s, s), 1.0f / 15, 1.0f / 13, 1.0f / 11, 1.0f / 9, 1.0f / 7, 1.0f / 5, 1.0f / 3, 1.0f);
  return Isa::fma(Isa::add(s, s), series, Isa::where_greater(x, Isa::zero(), x, Isa::zero()));
}

// ½·g·(1 + tanh(√(2/π)·(g + 0.044715·g³))): Hendrycks and Gimpel, 2016.
inline Isa::F32 gelu_tanh(Isa::F32 g) {
  const Isa::F32 cube = Isa::mul(Isa::mul(g, g), g);
  const Isa::F32 inner = Isa::mul(Isa::splat(0.7978845608f), Isa::fma(Isa::splat(0.044715f), cube, g));
  const Isa::F32 half = Isa::mul(Isa::splat(0.5f), g);
  return Isa::fma(half, tanh(inner), half);
}

inline Isa::F32 least(Isa::F32 x, float most) { return Isa::where_greater(x, Isa::splat(most), Isa::splat(most), x); }
inline Isa::F32 clamped(Isa::F32 x, float limit) {
  const Isa::F32 low = Isa::splat(-limit);
  return least(Isa::where_greater(low, x, low, x), limit);
}

inline Isa::F32 soft_limited(Isa::F32 x, float limit) {
  return Isa::mul(Isa::splat(limit), tanh(Isa::div(x, Isa::splat(limit))));
}

// out = f(x)·up, or f(x) where `up` is null.
template <class F>
inline void apply(const float* x, const float* up, int64_t n, float* out, F f) {
  if (!up) return transform(n, out, f, x);
  transform(
      n, out, [&](Isa::F32 g, Isa::F32 u) { return Isa::mul(f(g), u); }, x, up);
}

// xIELU (Huang and Schlag, 2024): a⁺·x² + b·x for x > 0, else a⁻·(e^min(x,ε) − 1 − x) + b·x.
inline Isa::F32 xielu(Isa::F32 x, const Activation& a) {
  const Isa::F32 linear = Isa::mul(Isa::splat(a.beta), x);
  const Isa::F32 above = Isa::fma(Isa::mul(Isa::splat(a.alpha_positive), x), x, linear);
  const Isa::F32 grown = Isa::sub(Isa::sub(exp(least(x, a.epsilon)), Isa::splat(1)), x);
  const Isa::F32 below = Isa::fma(Isa::splat(a.alpha_negative), grown, linear);
  return Isa::where_greater(x, Isa::zero(), above, below);
}

inline void activate(const Activation& a, const float* x, const float* up, int64_t n, float* out) noexcept {
  const auto positive = [](Isa::F32 v) { return Isa::where_greater(v, Isa::zero(), v, Isa::zero()); };
  switch (a.kind) {
    case Activation::silu: return apply(x, up, n, out, [](Isa::F32 g) { return silu(g); });
    case Activation::gelu: return apply(x, up, n, out, [](Isa::F32 g) { return gelu_tanh(g); });
    case Activation::gelu_erf:
      return apply(x, up, n, out, [](Isa::F32 g) { return Isa::mul(g, normal_distribution(g)); });
    case Activation::gelu_quick: return apply(x, up, n, out, [](Isa::F32 g) { return silu(g, 1.702f); });
    case Activation::relu: return apply(x, up, n, out, positive);
    case Activation::relu_squared:
      return apply(x, up, n, out, [&](Isa::F32 g) { return Isa::mul(positive(g), positive(g)); });
    case Activation::sigmoid: return apply(x, up, n, out, [](Isa::F32 g) { return sigmoid(g); });
    case Activation::softplus: return apply(x, up, n, out, [](Isa::F32 g) { return softplus(g); });
    case Activation::xielu: return apply(x, up, n, out, [&](Isa::F32 g) { return xielu(g, a); });
    case Activation::swiglu_oai:
      return transform(
          n, out,
          [&](Isa::F32 g, Isa::F32 u) {
            return Isa::mul(silu(least(g, a.limit), a.alpha_positive), Isa::add(clamped(u, a.limit), Isa::splat(1)));
          },
          x, up);
    case Activation::swiglu_clamped:
      return transform(
          n, out, [&](Isa::F32 g, Isa::F32 u) { return Isa::mul(least(silu(g), a.limit), clamped(u, a.limit)); }, x,
          up);
    case Activation::swiglu_limited:
      return transform(
          n, out, [&](Isa::F32 g, Isa::F32 u) { return Isa::mul(silu(least(g, a.limit)), clamped(u, a.limit)); }, x,
          up);
    case Activation::situ:
      return transform(
          n, out,
          [&](Isa::F32 g, Isa::F32 u) {
            return Isa::mul(Isa::mul(soft_limited(g, a.beta), sigmoid(g)), a.limit > 0 ? soft_limited(u, a.limit) : u);
          },
          x, up);
  }
}
