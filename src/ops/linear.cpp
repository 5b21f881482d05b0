// The operations that are products of all tokens with one matrix or a few: linears, heads, feed-forward layers.
#include <algorithm>
#include <array>

#include "base/error.h"
#include "ops/ops.h"
#include "ops/products.h"

namespace loam {

Tensor Ops::linear(const Tensor& x, const Linear& w) { return linears(x, {&w}).front(); }

std::vector<Tensor> Ops::linears(const Tensor& x, std::span<const Linear* const> ws) {
  const int64_t n_tokens = x.shape.rows(), cols = x.shape.cols();
  std::vector<Tensor> out;
  for (const Linear* w : ws) out.push_back(make(n_tokens, w->weight.shape.rows()));
  if (n_tokens == 0) return out;

  const Arena::Scope temporaries(context_.arena);
  PackedInput input(context_, n_tokens, cols, ws);
  context_.pool.run([&](int thread) {
    input.pack(x.f32(), cols, n_tokens, thread);
    for (size_t i = 0; i < out.size(); ++i) {
      const Linear& w = *ws[i];
      loam::multiply(context_, w, input.data(w, thread), n_tokens,
                     share_of_rows(context_, w.weight.shape.rows(), thread), out[i].f32(), out[i].shape.cols());
    }
  });
  context_.check_cancelled();
  return out;
}

// Threads take heads one after another, and pack a head's input for themselves.
Tensor Ops::head_linear(const Tensor& x, const Tensor& weight, int64_t first) {
  LOAM_CHECK(weight.shape.rank() == 3 && x.shape.cols() % weight.shape[0] == 0);
  const int64_t n_tokens = x.shape.rows(), n_heads = weight.shape[0], out_dim = weight.shape[1], in = weight.shape[2];
  const int64_t head_dim = x.shape.cols() / n_heads;
  LOAM_CHECK(first + in <= head_dim);
  Tensor out = make(n_tokens, n_heads * out_dim);
  if (n_tokens == 0) return out;

  const Arena::Scope temporaries(context_.arena);
  const KernelTable& kernels = context_.kernels;
  const ActivationKind kind = activation_kind(weight.dtype);
  const int64_t chunk = std::min(n_tokens, kFfnTokens), n_chunks = (n_tokens + chunk - 1) / chunk;
  const size_t packed = (loam::activation_bytes(kernels, kind, chunk, in) + 63) / 64 * 64;
  const size_t matrix = packed_bytes(kernels, weight.dtype, out_dim, in);
  auto* memory = static_cast<std::byte*>(context_.arena.allocate(packed * static_cast<size_t>(context_.pool.size())));
  WorkQueue queue(context_, n_heads * n_chunks);
  context_.pool.run([&](int thread) {
    std::byte* input = memory + static_cast<size_t>(thread) * packed;
    while (const auto piece = queue.take()) {
      const int64_t head = *piece / n_chunks, begin = *piece % n_chunks * chunk, n = std::min(chunk, n_tokens - begin);
      const Linear w{.weight = {.dtype = weight.dtype,
                                .layout = weight.layout,
                                .shape = {out_dim, in},
                                .data = static_cast<std::byte*>(weight.data) + static_cast<size_t>(head) * matrix},
                     .bias = {}};
      const float* own = x.row(begin) + head * head_dim + first;
      tell_product(context_, w.weight, own, x.shape.cols(), n);
      kernels.pack_activations(kind, own, x.shape.cols(), 0, n, n, in, input);
      loam::multiply(context_, w, input, n, {0, out_dim}, out.row(begin) + head * out_dim, out.shape.cols());
    }
  });
  context_.check_cancelled();
  return out;
}

namespace {

// Tokens go through both halves of a feed-forward layer in chunks; `gate` may be null.
class FeedForwardChunks {
 public:
  FeedForwardChunks(Context& context, const Tensor& x, const Linear* gate, const Linear& up, const Linear& down,
                    const Activation& activation, const Tensor& out)
      : context_(context),
        x_(x),
        gate_(gate),
        up_(up),
        down_(down),
        activation_(activation),
        out_(out),
        chunk_(std::min(x.shape.rows(), kFfnTokens)),
        ffn_(up.weight.shape.rows()),
        gated_(gate ? floats() : nullptr),
        raised_(floats()),
        input_(context, chunk_, x.shape.cols(), std::array{gate ? gate : &up, &up}),
        hidden_(context, chunk_, ffn_, std::array{&down}) {}

  void run() {
    for (int64_t first = 0; first < x_.shape.rows(); first += chunk_) {
      const int64_t n = std::min(chunk_, x_.shape.rows() - first);
      context_.pool.run([&](int thread) { run_chunk(first, n, thread); });
      context_.check_cancelled();
    }
  }

 private:
  float* floats() const {
    return static_cast<float*>(context_.arena.allocate(static_cast<size_t>(chunk_ * ffn_) * sizeof(float)));
  }

  void run_chunk(int64_t first, int64_t n, int thread) {
    input_.pack(x_.row(first), x_.shape.cols(), n, thread);
    const ThreadPool::Range columns = share_of_rows(context_, ffn_, thread);
    if (gate_) multiply(context_, *gate_, input_.data(*gate_, thread), n, columns, gated_, ffn_);
    multiply(context_, up_, input_.data(up_, thread), n, columns, raised_, ffn_);
    float* hidden = gate_ ? gated_ : raised_;
    apply_activation(context_.kernels, activation_, hidden, gate_ ? raised_ : nullptr, ffn_, n, columns);
    context_.pool.barrier();
    hidden_.pack(hidden, ffn_, n, thread);
    multiply(context_, down_, hidden_.data(down_, thread), n, share_of_rows(context_, out_.shape.cols(), thread),
             out_.row(first), out_.shape.cols());
  }

  Context& context_;
  const Tensor& x_;
  const Linear* gate_;
  const Linear &up_, &down_;
  const Activation& activation_;
  const Tensor& out_;
  const int64_t chunk_, ffn_;
  float *gated_, *raised_;
  PackedInput input_, hidden_;
};

}  // namespace

Tensor Ops::gated_ffn(const Tensor& x, const Linear& gate, const Linear& up, const Linear& down, const Activation& f) {
  LOAM_CHECK(up.weight.shape == gate.weight.shape && down.weight.shape.cols() == up.weight.shape.rows());
  Tensor out = make(x.shape.rows(), down.weight.shape.rows());
  if (x.shape.rows() == 0) return out;
  const Arena::Scope temporaries(context_.arena);
  FeedForwardChunks(context_, x, &gate, up, down, f, out).run();
  return out;
}

Tensor Ops::plain_ffn(const Tensor& x, const Linear& up, const Linear& down, const Activation& f) {
  LOAM_CHECK(down.weight.shape.cols() == up.weight.shape.rows());
  Tensor out = make(x.shape.rows(), down.weight.shape.rows());
  if (x.shape.rows() == 0) return out;
  const Arena::Scope temporaries(context_.arena);
  FeedForwardChunks(context_, x, nullptr, up, down, f, out).run();
  return out;
}

}  // namespace loam
