// Operations over contiguous float32 vectors.

// Calls vector(i) for whole registers and tail(i, count) for what is left of [0, n).
template <class Vector, class Tail>
inline void for_lanes(int64_t n, Vector vector, Tail tail) {
  int64_t i = 0;
  for (; i + Isa::kLanes <= n; i += Isa::kLanes) vector(i);
  if (i < n) tail(i, static_cast<int>(n - i));
}

inline void rms_norm(const float* x, const float* weight, int64_t n, float epsilon, float* out) noexcept {
  Isa::F32 squares = Isa::zero();
  for_lanes(
      n, [&](int64_t i) { squares = Isa::fma(Isa::load(x + i), Isa::load(x + i), squares); },
      [&](int64_t i, int count) {
        const Isa::F32 v = Isa::load_first(x + i, count);
        squares = Isa::fma(v, v, squares);
      });
  const float scale = 1.0f / __builtin_sqrtf(Isa::reduce_add(squares) / static_cast<float>(n) + epsilon);
  for (int64_t i = 0; i < n; ++i) out[i] = x[i] * scale * (weight ? weight[i] : 1.0f);
}

inline void add(float* x, const float* y, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) x[i] += y[i];
}

inline void multiply_add(float* x, const float* y, float scale, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) x[i] += scale * y[i];
}

inline void scale(float* x, float factor, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) x[i] *= factor;
}

inline void swiglu(const float* gate, const float* up, int64_t n, float* out) noexcept {
  for (int64_t i = 0; i < n; ++i) out[i] = gate[i] / (1 + __builtin_expf(-gate[i])) * up[i];
}

inline void geglu(const float* gate, const float* up, int64_t n, float* out) noexcept {
  for (int64_t i = 0; i < n; ++i) {
    const float g = gate[i], inner = 0.7978845608f * (g + 0.044715f * g * g * g);  // √(2/π)
    out[i] = 0.5f * g * (1 + __builtin_tanhf(inner)) * up[i];
  }
}

inline void softmax(float* x, int64_t n) noexcept {
  float largest = x[0], sum = 0;
  for (int64_t i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  for (int64_t i = 0; i < n; ++i) sum += x[i] = __builtin_expf(x[i] - largest);
  for (int64_t i = 0; i < n; ++i) x[i] /= sum;
}

inline void f32_to_f16(const float* x, int64_t n, uint16_t* out) noexcept {
  for (int64_t i = 0; i < n; ++i) out[i] = to_f16(x[i]);
}

inline void f16_to_f32(const uint16_t* x, int64_t n, float* out) noexcept {
  for (int64_t i = 0; i < n; ++i) out[i] = from_f16(x[i]);
}

inline void rope(float* x, const float* cos, const float* sin, int n_rotated, bool adjacent) noexcept {
  const int half = n_rotated / 2;
  for (int i = 0; i < half; ++i) {
    float& a = x[adjacent ? 2 * i : i];
    float& b = x[adjacent ? 2 * i + 1 : i + half];
    const float real = a * cos[i] - b * sin[i], imaginary = a * sin[i] + b * cos[i];
    a = real;
    b = imaginary;
  }
}
