// Layers with a state. A lane holds one channel, or one value of a head, and goes through the rows in their order; sums
// run over states and keys in ascending order. So a result depends neither on the width of the registers, nor on how
// channels are shared out, nor on where a batch is cut.

// step = softplus(x + bias), decay = e^(step·rate). `step` may be null.
inline void decay(const float* x, const float* bias, const float* rate, int64_t n, float* step, float* out) noexcept {
  transform(
      n, out, [](Isa::F32 v, Isa::F32 b) { return softplus(Isa::add(v, b)); }, x, bias);
  if (step) __builtin_memcpy(step, out, static_cast<size_t>(n) * sizeof(float));
  transform(
      n, out, [](Isa::F32 v, Isa::F32 r) { return exp(Isa::mul(v, r)); }, out, rate);
}

// Lanes [0, n) of a register, all of them where n is kLanes.
inline Isa::F32 load_lanes(const float* p, int n) { return n == Isa::kLanes ? Isa::load(p) : Isa::load_first(p, n); }
inline void store_lanes(float* p, Isa::F32 a, int n) {
  if (n == Isa::kLanes)
    Isa::store(p, a);
  else
    Isa::store_first(p, a, n);
}

// body(channel, lanes) for registers of [0, n).
template <class F>
inline void for_lanes(int64_t n, F body) {
  for (int64_t i = 0; i < n; i += Isa::kLanes) body(i, n - i < Isa::kLanes ? static_cast<int>(n - i) : Isa::kLanes);
}

inline void convolve(const ConvolveArgs& a) noexcept {
  // Row i of the state and, behind it, of x.
  const auto input = [&](int64_t i) {
    const int64_t before = a.kernel - 1;
    return i < before ? a.state + i * a.state_stride : a.x + (i - before) * a.x_stride;
  };
  for (int row = 0; row < a.n_rows; ++row)
    for_lanes(a.n_channels, [&](int64_t c, int n) {
      Isa::F32 sum = Isa::zero();
      for (int k = 0; k < a.kernel; ++k)
        sum = Isa::fma(load_lanes(a.weight + k * a.weight_stride + c, n), load_lanes(input(row + k) + c, n), sum);
      if (a.bias) sum = Isa::add(sum, load_lanes(a.bias + c, n));
      if (a.silu) sum = Isa::div(sum, Isa::add(Isa::splat(1), exp(Isa::sub(Isa::zero(), sum))));
      store_lanes(a.out + row * a.out_stride + c, sum, n);
    });
  for (int64_t k = 0; k + 1 < a.kernel; ++k)  // ascending: what is overwritten has been copied
    __builtin_memmove(a.state + k * a.state_stride, input(k + a.n_rows),
                      static_cast<size_t>(a.n_channels) * sizeof(float));
}

inline void scan(const ScanArgs& a) noexcept {
  for_lanes(a.n_channels, [&](int64_t c, int n) {
    const Isa::F32 skip = load_lanes(a.skip + c, n);
    for (int row = 0; row < a.n_rows; ++row) {
      const Isa::F32 x = load_lanes(a.x + row * a.x_stride + c, n);
      const Isa::F32 step = softplus(load_lanes(a.step + row * a.step_stride + c, n)), taken = Isa::mul(step, x);
      const float *b = a.b + row * a.bc_stride, *weights = a.c + row * a.bc_stride;
      Isa::F32 sum = Isa::mul(skip, x);
      for (int i = 0; i < a.n_states; ++i) {
        float* state = a.state + i * a.state_stride + c;
        const Isa::F32 kept = exp(Isa::mul(step, load_lanes(a.rate + i * a.state_stride + c, n)));
        const Isa::F32 h = Isa::fma(kept, load_lanes(state, n), Isa::mul(taken, Isa::splat(b[i])));
        store_lanes(state, h, n);
        sum = Isa::fma(h, Isa::splat(weights[i]), sum);
      }
      store_lanes(a.out + row * a.out_stride + c, sum, n);
    }
  });
}

// kVectors registers of values, from `value` on; the last one has `lanes` of them.
template <int kVectors, bool kDelta>
LOAM_INLINE void recur_values(const RecurArgs& a, int value, int lanes) {
  const auto lanes_of = [&](int v) { return v + 1 < kVectors ? Isa::kLanes : lanes; };
  const int decay_step = a.decay_of_key ? 1 : 0;
  for (int row = 0; row < a.n_rows; ++row) {
    const float *q = a.q + row * a.q_stride, *k = a.k + row * a.k_stride, *decay = a.decay + row * a.decay_stride;
    const float* values = a.v + row * a.v_stride + value;
    float* state = a.state + value;
    Isa::F32 taken[kVectors], sum[kVectors];
    LOAM_UNROLL for (int v = 0; v < kVectors; ++v) {
      taken[v] = load_lanes(values + v * Isa::kLanes, lanes_of(v));
      sum[v] = Isa::mul(Isa::splat(a.skip), taken[v]);
    }
    if constexpr (kDelta) {
      for (int key = 0; key < a.n_keys; ++key) {
        const Isa::F32 weight = Isa::splat(decay[key * decay_step] * k[key]);
        LOAM_UNROLL for (int v = 0; v < kVectors; ++v) taken[v] =
            Isa::fnma(weight, load_lanes(state + key * a.state_stride + v * Isa::kLanes, lanes_of(v)), taken[v]);
      }
    }
    const Isa::F32 write = Isa::splat(a.write[row * a.write_stride]);
    LOAM_UNROLL for (int v = 0; v < kVectors; ++v) taken[v] = Isa::mul(write, taken[v]);
    for (int key = 0; key < a.n_keys; ++key) {
      const Isa::F32 kept = Isa::splat(decay[key * decay_step]), at = Isa::splat(k[key]), weight = Isa::splat(q[key]);
      LOAM_UNROLL for (int v = 0; v < kVectors; ++v) {
        float* place = state + key * a.state_stride + v * Isa::kLanes;
        const Isa::F32 s = Isa::fma(at, taken[v], Isa::mul(kept, load_lanes(place, lanes_of(v))));
        store_lanes(place, s, lanes_of(v));
        sum[v] = Isa::fma(weight, s, sum[v]);
      }
    }
    LOAM_UNROLL for (int v = 0; v < kVectors; ++v)
        store_lanes(a.out + row * a.out_stride + value + v * Isa::kLanes, sum[v], lanes_of(v));
  }
}

template <bool kDelta>
inline void recur_all(const RecurArgs& a) {
  constexpr int kTogether = 4;  // registers whose state rows share the broadcasts of keys and queries
  int value = 0;
  for (; value + kTogether * Isa::kLanes <= a.n_values; value += kTogether * Isa::kLanes)
    recur_values<kTogether, kDelta>(a, value, Isa::kLanes);
  for (; value < a.n_values; value += Isa::kLanes)
    recur_values<1, kDelta>(a, value, a.n_values - value < Isa::kLanes ? a.n_values - value : Isa::kLanes);
}

inline void recur(const RecurArgs& a) noexcept { a.delta ? recur_all<true>(a) : recur_all<false>(a); }
