// Operations over contiguous float32 vectors. What is left over after whole registers goes through the same arithmetic
// in a partly filled one, so a number's result does not depend on where in a vector it stands.

// out[i] = f(in[i], …); out may be one of the inputs.
template <class F, class... In>
inline void transform(int64_t n, float* out, F f, const In*... in) {
  int64_t i = 0;
  for (; i + Isa::kLanes <= n; i += Isa::kLanes) Isa::store(out + i, f(Isa::load(in + i)...));
  if (const int rest = static_cast<int>(n - i); rest > 0)
    Isa::store_first(out + i, f(Isa::load_first(in + i, rest)...), rest);
}

// Sums run in kSumLanes chains, number i in chain i mod kSumLanes, whatever the width of the registers: so every set
// gives the same bits.
inline constexpr int kSumLanes = 32;
inline constexpr int kSumRegisters = kSumLanes / Isa::kLanes;

// The chains' sum: halves are added until one is left.
inline float fold(Isa::F32 (&sums)[kSumRegisters]) {
  for (int n = kSumRegisters / 2; n > 0; n /= 2)
    for (int i = 0; i < n; ++i) sums[i] = Isa::add(sums[i], sums[i + n]);
  return Isa::reduce_add(sums[0]);
}

// Σ f(x[i]) where f(0) = 0.
template <class F>
inline float sum_of(const float* x, int64_t n, F f) {
  Isa::F32 sums[kSumRegisters];
  for (Isa::F32& sum : sums) sum = Isa::zero();
  int64_t i = 0;
  for (; i + kSumLanes <= n; i += kSumLanes)
    for (int r = 0; r < kSumRegisters; ++r) sums[r] = f(Isa::load(x + i + r * Isa::kLanes), sums[r]);
  for (int r = 0; i < n; i += Isa::kLanes, ++r) {
    const int rest = static_cast<int>(n - i < Isa::kLanes ? n - i : Isa::kLanes);
    sums[r] = f(Isa::load_first(x + i, rest), sums[r]);
  }
  return fold(sums);
}

inline float largest_of(const float* x, int64_t n) {
  Isa::F32 largest = Isa::splat(-__builtin_inff());
  int64_t i = 0;
  for (; i + Isa::kLanes <= n; i += Isa::kLanes) largest = Isa::max(largest, Isa::load(x + i));
  float result = Isa::reduce_max(largest);
  for (; i < n; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

// x · weight / √(mean x² + ε): Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.
inline void rms_norm(const float* x, const float* weight, int64_t n, float epsilon, float* out) noexcept {
  const float squares = sum_of(x, n, [](Isa::F32 v, Isa::F32 sum) { return Isa::fma(v, v, sum); });
  const Isa::F32 scale = Isa::splat(1.0f / __builtin_sqrtf(squares / static_cast<float>(n) + epsilon));
  const auto scaled = [&](Isa::F32 v) { return Isa::mul(v, scale); };
  if (!weight) return transform(n, out, scaled, x);
  transform(
      n, out, [&](Isa::F32 v, Isa::F32 w) { return Isa::mul(scaled(v), w); }, x, weight);
}

inline void add(float* x, const float* y, int64_t n) noexcept {
  transform(
      n, x, [](Isa::F32 a, Isa::F32 b) { return Isa::add(a, b); }, x, y);
}

// (x − mean) / √(variance + ε) · weight + bias, either of which may be null: Ba, Kiros and Hinton, Layer Normalization,
// 2016.
inline void layer_norm(const float* x, const float* weight, const float* bias, int64_t n, float epsilon,
                       float* out) noexcept {
  const auto n_float = static_cast<float>(n);
  const float sum = sum_of(x, n, [](Isa::F32 v, Isa::F32 s) { return Isa::add(v, s); });
  const Isa::F32 mean = Isa::splat(sum / n_float);
  transform(
      n, out, [&](Isa::F32 v) { return Isa::sub(v, mean); }, x);
  const float squares = sum_of(out, n, [](Isa::F32 v, Isa::F32 s) { return Isa::fma(v, v, s); });
  const Isa::F32 scale = Isa::splat(1.0f / __builtin_sqrtf(squares / n_float + epsilon));
  if (weight && bias)
    return transform(
        n, out, [&](Isa::F32 v, Isa::F32 w, Isa::F32 b) { return Isa::fma(Isa::mul(v, scale), w, b); }, out, weight,
        bias);
  if (weight)
    return transform(
        n, out, [&](Isa::F32 v, Isa::F32 w) { return Isa::mul(Isa::mul(v, scale), w); }, out, weight);
  transform(
      n, out, [&](Isa::F32 v) { return Isa::mul(v, scale); }, out);
  if (bias) add(out, bias, n);
}

inline void multiply(float* x, const float* y, int64_t n) noexcept {
  transform(
      n, x, [](Isa::F32 a, Isa::F32 b) { return Isa::mul(a, b); }, x, y);
}

inline void multiply_add(float* x, const float* y, float scale, int64_t n) noexcept {
  const Isa::F32 factor = Isa::splat(scale);
  transform(
      n, x, [&](Isa::F32 a, Isa::F32 b) { return Isa::fma(factor, b, a); }, x, y);
}

inline void scale(float* x, float factor, int64_t n) noexcept {
  const Isa::F32 factors = Isa::splat(factor);
  transform(
      n, x, [&](Isa::F32 v) { return Isa::mul(v, factors); }, x);
}

inline void softmax(float* x, int64_t n) noexcept {
  const Isa::F32 largest = Isa::splat(largest_of(x, n));
  transform(
      n, x, [&](Isa::F32 v) { return exp(Isa::sub(v, largest)); }, x);
  const Isa::F32 sum = Isa::splat(sum_of(x, n, [](Isa::F32 v, Isa::F32 sum) { return Isa::add(v, sum); }));
  transform(
      n, x, [&](Isa::F32 v) { return Isa::div(v, sum); }, x);
}

inline void softcap(float* x, float cap, int64_t n) noexcept {
  const Isa::F32 caps = Isa::splat(cap);
  transform(
      n, x, [&](Isa::F32 v) { return Isa::mul(caps, tanh(Isa::div(v, caps))); }, x);
}

inline void f32_to_f16(const float* x, int64_t n, uint16_t* out) noexcept {
  int64_t i = 0;
  for (; i + Isa::kLanes <= n; i += Isa::kLanes) Isa::store_f16(out + i, Isa::load(x + i));
  for (; i < n; ++i) out[i] = loam::f32_to_f16(x[i]);
}

inline void f16_to_f32(const uint16_t* x, int64_t n, float* out) noexcept {
  int64_t i = 0;
  for (; i + Isa::kLanes <= n; i += Isa::kLanes) Isa::store(out + i, Isa::load_f16(x + i));
  for (; i < n; ++i) out[i] = loam::f16_to_f32(x[i]);
}

// Pair i turns by its angle: Su et al., RoFormer, 2021. Plain code, so that the compiler finds the shuffles.
inline void rope(float* __restrict x, const float* __restrict cos, const float* __restrict sin, int n_rotated,
                 bool adjacent) noexcept {
  const int half = n_rotated / 2;
  if (adjacent) {
    for (int i = 0; i < half; ++i) {
      const float a = x[2 * i], b = x[2 * i + 1];
      x[2 * i] = a * cos[i] - b * sin[i];
      x[2 * i + 1] = a * sin[i] + b * cos[i];
    }
  } else {
    float* __restrict y = x + half;
    for (int i = 0; i < half; ++i) {
      const float a = x[i], b = y[i];
      x[i] = a * cos[i] - b * sin[i];
      y[i] = a * sin[i] + b * cos[i];
    }
  }
}
