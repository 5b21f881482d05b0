// The operations of layers that mix tokens through a state of fixed size: short convolutions, Mamba's scan, and linear
// attention with decay. A row's result, and the state behind it, have the same bits wherever a sequence's rows are cut
// into batches, and whatever stands beside them.
#pragma once

#include <span>

#include "ops/batch.h"
#include "ops/context.h"
#include "tensor/tensor.h"

namespace loam {

// One layer's part of the states of all sequences, float32: slot s begins at data + s · stride. First stand the values
// that its convolution looks back to, [kernel − 1][channels], then its recurrent state.
struct StateLayer {
  float* data = nullptr;
  int64_t stride = 0;       // floats
  int64_t n_convolved = 0;  // floats of the convolution
  int64_t n_recurrent = 0;  // and of the recurrent state
  float* slot(int i) const { return data + i * stride; }
};

// Neighbouring columns of every row of a tensor, which must outlive it.
struct Columns {
  const float* first = nullptr;
  int64_t stride = 0, n_rows = 0, n = 0;

  Columns() = default;
  Columns(const Tensor& x, int64_t begin, int64_t count);
  Columns(const Tensor& x) : Columns(x, 0, x.shape.cols()) {}  // NOLINT: all of them
  const float* row(int64_t i) const { return first + i * stride; }
};

// A channel's last values, each with its weight, the newest last.
struct Convolution {
  Tensor weight;  // (kernel, channels)
  Tensor bias;    // (channels), or empty
  bool silu = true;
};

// Mamba's h ← e^(Δ·rate)·h + Δ·x·b, out = h·c + skip·x, for each channel, with Δ = softplus(step).
struct Scan {
  Columns x, step;  // (n_tokens, channels)
  Columns b, c;     // (n_tokens, n_states)
  Tensor rate;      // (n_states, channels)
  Tensor skip;      // (channels)
};

// A head's S ← diag(decay)·S + k·uᵀ, out = Sᵀ·q + skip·v, with u = write·v or, by the delta rule, write·(v − Sᵀ·k). Its
// state is S, [head][key][value].
struct Recurrence {
  int n_heads = 0;  // of values
  int n_key_heads =
      0;  // shared by n_heads / n_key_heads neighbours each, or, if `interleaved`, by every n_key_heads-th
  bool interleaved = false;
  bool delta = false;
  Columns q, k;   // (n_tokens, n_key_heads · n_keys)
  Columns v;      // (n_tokens, n_heads · n_values)
  Columns decay;  // (n_tokens, n_heads), or each key's, (n_tokens, n_heads · n_keys)
  Columns write;  // (n_tokens, n_heads)
  Tensor skip;    // (n_heads), or empty
};

class StateOps {
 public:
  // The batch must outlive it. A span that begins at position 0 begins with a state of zeros.
  StateOps(Context& context, const Batch& batch) : context_(context), batch_(batch) {}

  // Of channels [first_channel, …) of the state. → (n_tokens, channels)
  Tensor convolve(const Columns& x, const Convolution& w, const StateLayer& state, int64_t first_channel = 0);
  Tensor scan(const Scan& scan, const StateLayer& state);               // → (n_tokens, channels)
  Tensor recur(const Recurrence& recurrence, const StateLayer& state);  // → (n_tokens, n_heads · n_values)

  // step = softplus(x + bias), decay = e^(step · rate); a rate for each column, or for as many neighbours each.
  struct Decay {
    Tensor step, decay;
  };
  Decay decay(const Columns& x, const Tensor& bias, const Tensor& rate);
  // e^(bound · sigmoid(factor · rate · (x + bias))), with rates as above.
  Tensor bounded_decay(const Tensor& x, const Tensor& bias, const Tensor& rate, float factor, float bound);
  Tensor steep_decay(const Tensor& x, const Tensor& bias);  // e^(−e^(x + bias))

 private:
  Tensor make(int64_t rows, int64_t cols);
  template <class F>
  void for_rows(int64_t n_rows, const F& body);
  template <class F>
  void for_pieces(int64_t n, int64_t together, const F& body);
  bool begins(const BatchSpan& span) const { return batch_.positions[static_cast<size_t>(span.first_row)] == 0; }

  Context& context_;
  const Batch& batch_;
};

}  // namespace loam
