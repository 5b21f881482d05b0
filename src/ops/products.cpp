#include "ops/products.h"

#include <algorithm>

#include "base/error.h"

namespace loam {
namespace {

// Products between two looks at whether the step is cancelled: some milliseconds of a core's work.
constexpr int64_t kPieceProducts = int64_t{1} << 28;

}  // namespace

PackedInput::PackedInput(Context& context, int64_t max_tokens, int64_t cols, std::span<const Linear* const> weights)
    : context_(context), cols_(cols), shared_(max_tokens > context.kernels.token_tile) {
  for (const Linear* w : weights) {
    LOAM_CHECK(w->weight.layout == Layout::packed && w->weight.shape.cols() == cols);
    if (context.on_product) told_.push_back(w->weight);
    const ActivationKind kind = activation_kind(w->weight.dtype);
    Form& form = forms_[static_cast<size_t>(kind)];
    if (form.data) continue;
    const size_t bytes = (activation_bytes(context.kernels, kind, max_tokens, cols) + 63) / 64 * 64;
    form.copy_bytes = shared_ ? 0 : bytes;
    form.data = static_cast<std::byte*>(context.arena.allocate(shared_ ? bytes : bytes * context.pool.size()));
  }
}

void PackedInput::pack(const float* x, int64_t stride, int64_t n_tokens, int thread) {
  if (thread == 0)
    for (const Tensor& weight : told_) tell_product(context_, weight, x, stride, n_tokens);
  const KernelTable& kernels = context_.kernels;
  const auto [begin, end] = shared_ ? ThreadPool::split(n_tokens, kernels.token_tile, thread, context_.pool.size())
                                    : ThreadPool::Range{0, n_tokens};
  for (int kind = 0; kind < kKinds; ++kind) {
    const Form& form = forms_[kind];
    if (!form.data || begin == end) continue;
    kernels.pack_activations(static_cast<ActivationKind>(kind), x, stride, begin, end, n_tokens, cols_,
                             form.data + thread * form.copy_bytes);
  }
  if (shared_) context_.pool.barrier();
}

const void* PackedInput::data(DType weights, int thread) const {
  const Form& form = forms_[static_cast<size_t>(activation_kind(weights))];
  return form.data + thread * form.copy_bytes;
}

int64_t choices_together(const KernelTable& kernels, int64_t n_choices, int n_threads) {
  constexpr int64_t kMost = 64, kGroupsOfThread = 4;
  const int64_t tile = kernels.token_tile, share = n_choices / (kGroupsOfThread * n_threads);
  return std::clamp((share + tile - 1) / tile * tile, tile, std::max(tile, kMost));
}

void tell_product(const Context& context, const Tensor& matrix, const float* x, int64_t stride, int64_t n_rows) {
  if (!context.on_product || !matrix) return;
  context.on_product({.matrix = matrix.data, .x = x, .stride = stride, .n_rows = n_rows, .cols = matrix.shape.cols()});
}

ThreadPool::Range share_of_rows(const Context& context, int64_t n_rows, int thread) {
  constexpr int kCacheLine = 16;  // floats
  return ThreadPool::split(n_rows, std::max(context.kernels.row_group, kCacheLine), thread, context.pool.size());
}

void multiply(Context& context, const Linear& w, const void* packed, int64_t n_tokens, ThreadPool::Range rows,
              float* out, int64_t out_stride) {
  if (rows.begin == rows.end || n_tokens == 0) return;
  const int64_t cols = w.weight.shape.cols(), row_group = context.kernels.row_group;
  const int64_t together = std::max<int64_t>(1, kPieceProducts / (cols * n_tokens * row_group)) * row_group;
  for (int64_t begin = rows.begin; begin < rows.end; begin += together) {
    if (begin > rows.begin && context.stopping()) return;
    context.kernels.matmul({.dtype = w.weight.dtype,
                            .weights = w.weight.data,
                            .cols = cols,
                            .row_begin = begin,
                            .row_end = std::min(begin + together, rows.end),
                            .x = packed,
                            .n_tokens = n_tokens,
                            .out = out,
                            .out_stride = out_stride});
  }
  if (!w.bias) return;
  for (int64_t token = 0; token < n_tokens; ++token)
    context.kernels.add(out + token * out_stride + rows.begin, w.bias.f32() + rows.begin, rows.end - rows.begin);
}

void apply_activation(const KernelTable& kernels, const Activation& f, float* x, const float* up, int64_t stride,
                      int64_t n_tokens, ThreadPool::Range columns) {
  for (int64_t token = 0; token < n_tokens; ++token) {
    const int64_t at = token * stride + columns.begin;
    kernels.activate(f, x + at, up ? up + at : nullptr, columns.end - columns.begin, x + at);
  }
}

}  // namespace loam
