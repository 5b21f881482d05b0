// What the kernels of layers with a state work on: each goes through the rows of one sequence in their order.
#pragma once

#include <cstdint>

namespace loam {

// Each channel is convolved by itself with its last `kernel` values, the row's own one included:
// out[row][c] = Σ_k weight[k][c] · x[row − kernel + 1 + k][c] + bias[c].
struct ConvolveArgs {
  const float* x;  // x[row · x_stride + c]
  int64_t x_stride;
  int n_rows;
  int64_t n_channels;
  int kernel;           // ≥2
  const float* weight;  // [kernel][channels], weight_stride floats between its rows
  int64_t weight_stride;
  const float* bias;  // [channels], or nullptr
  bool silu;          // out = silu(out)
  float* state;  // [kernel − 1][channels]: the values before the first row, then those before what follows the last
  int64_t state_stride;
  float* out;
  int64_t out_stride;
};

// Mamba's selective scan (Gu and Dao, arXiv 2312.00752): with Δ = softplus(step[row][c]), for each channel c
//   h[n][c] ← e^(Δ·rate[n][c]) · h[n][c] + Δ·x[row][c]·b[row][n];   out[row][c] = Σ_n h[n][c]·c[row][n] +
//   skip[c]·x[row][c]
struct ScanArgs {
  const float *x, *step;  // of the first row and channel
  int64_t x_stride, step_stride;
  int n_rows;
  int64_t n_channels;
  int n_states;
  const float *b, *c;  // [row][n]
  int64_t bc_stride;
  const float* rate;  // [n][channels], state_stride floats between its rows
  const float* skip;  // [channels]
  float* state;       // h, as rate
  int64_t state_stride;
  float* out;
  int64_t out_stride;
};

// One head of linear attention with decay, and some of its values: a matrix S [key][value] forgets and takes up an
// outer product with every row,
//   S ← diag(decay[row])·S;   S ← S + k[row]·uᵀ;   out[row] = Sᵀ·q[row] + skip·v[row]
// with u = write[row]·v[row] (Mamba-2's state space duality, Dao and Gu, arXiv 2405.21060), or, by the delta rule,
// u = write[row]·(v[row] − Sᵀ·k[row]) (Yang et al., Gated Delta Networks, arXiv 2412.06464).
struct RecurArgs {
  int n_rows, n_keys, n_values;
  const float *q, *k;  // [row][key]
  int64_t q_stride, k_stride;
  const float* v;  // [row][value]
  int64_t v_stride;
  const float* decay;  // [row][key], or one for all keys
  int64_t decay_stride;
  bool decay_of_key;
  const float* write;  // [row]
  int64_t write_stride;
  bool delta;
  float skip;
  float* state;  // S, state_stride floats between keys
  int64_t state_stride;
  float* out;
  int64_t out_stride;
};

}  // namespace loam
