// linear, linears and gated_ffn.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "ops/ops.h"
#include "ops/products.h"

namespace loam {

Tensor Ops::linear(const Tensor& x, const Linear& w) { return linears(x, {&w}).front(); }

std::vector<Tensor> Ops::linears(const Tensor& x, std::initializer_list<const Linear*> ws) {
  const int64_t n_tokens = x.shape.rows(), cols = x.shape.cols();
  std::vector<Tensor> out;
  for (const Linear* w : ws) out.push_back(make(n_tokens, w->weight.shape.rows()));
  if (n_tokens == 0) return out;

  const Arena::Scope temporaries(context_.arena);
  PackedInput input(context_, n_tokens, cols, ws);
  context_.pool.run([&](int thread) {
    input.pack(x.f32(), cols, n_tokens, thread);
    for (size_t i = 0; i < out.size(); ++i) {
      const Linear& w = *ws.begin()[i];
      multiply(context_, w, input.data(w.weight.dtype, thread), n_tokens,
               share_of_rows(context_, w.weight.shape.rows(), thread), out[i].f32(), out[i].shape.cols());
    }
  });
  context_.check_cancelled();
  return out;
}

Tensor Ops::gated_ffn(const Tensor& x, const Linear& gate, const Linear& up, const Linear& down, Gate act) {
  const int64_t n_tokens = x.shape.rows(), dim = x.shape.cols(), ffn = gate.weight.shape.rows();
  LOAM_CHECK(up.weight.shape == gate.weight.shape && down.weight.shape.cols() == ffn);
  Tensor out = make(n_tokens, down.weight.shape.rows());
  if (n_tokens == 0) return out;

  const Arena::Scope temporaries(context_.arena);
  const int64_t chunk = std::min(n_tokens, kFfnTokens);
  float* gated = make(chunk, ffn).f32();
  float* raised = make(chunk, ffn).f32();
  PackedInput input(context_, chunk, dim, std::array{&gate, &up});
  PackedInput hidden(context_, chunk, ffn, std::array{&down});

  const auto run_chunk = [&](int64_t first, int64_t n, int thread) {
    input.pack(x.row(first), dim, n, thread);
    const ThreadPool::Range columns = share_of_rows(context_, ffn, thread);
    multiply(context_, gate, input.data(gate.weight.dtype, thread), n, columns, gated, ffn);
    multiply(context_, up, input.data(up.weight.dtype, thread), n, columns, raised, ffn);
    apply_gate(context_.kernels, act, gated, raised, ffn, n, columns);
    context_.pool.barrier();
    hidden.pack(gated, ffn, n, thread);
    multiply(context_, down, hidden.data(down.weight.dtype, thread), n,
             share_of_rows(context_, out.shape.cols(), thread), out.row(first), out.shape.cols());
  };
  for (int64_t first = 0; first < n_tokens; first += chunk) {
    context_.pool.run([&](int thread) { run_chunk(first, std::min(chunk, n_tokens - first), thread); });
    context_.check_cancelled();
  }
  return out;
}

}  // namespace loam
