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
    if (find(*w)) continue;
    const ActivationKind kind = activation_kind(w->weight.dtype);
    const size_t bytes = (activation_bytes(context.kernels, kind, max_tokens, cols) + 63) / 64 * 64;
    auto* data = static_cast<std::byte*>(context.arena.allocate(shared_ ? bytes : bytes * context.pool.size()));
    forms_.push_back({kind, static_cast<const int32_t*>(w->input_order.data), data, shared_ ? 0 : bytes});
    if (!w->input_order || gathered_) continue;
    const int64_t floats = context.pool.size() * context.kernels.token_tile * cols;
    gathered_ = static_cast<float*>(context.arena.allocate(static_cast<size_t>(floats) * sizeof(float)));
  }
}

const PackedInput::Form* PackedInput::find(const Linear& w) const {
  const auto found = std::ranges::find_if(forms_, [&](const Form& form) {
    return form.kind == activation_kind(w.weight.dtype) && form.order == w.input_order.data;
  });
  return found == forms_.end() ? nullptr : &*found;
}

void PackedInput::pack(const float* x, int64_t stride, int64_t n_tokens, int thread) {
  if (thread == 0)
    for (const Tensor& weight : told_) tell_product(context_, weight, x, stride, n_tokens);
  const KernelTable& kernels = context_.kernels;
  const auto [begin, end] = shared_ ? ThreadPool::split(n_tokens, kernels.token_tile, thread, context_.pool.size())
                                    : ThreadPool::Range{0, n_tokens};
  for (const Form& form : forms_) {
    if (begin == end) break;
    if (form.order)
      pack_in_order(form, x, stride, {begin, end}, thread);
    else
      kernels.pack_activations(form.kind, x, stride, begin, end, n_tokens, cols_, form.data + thread * form.copy_bytes);
  }
  if (shared_) context_.pool.barrier();
}

// A tile of tokens at a time, so that what is gathered stays in the cache.
void PackedInput::pack_in_order(const Form& form, const float* x, int64_t stride, ThreadPool::Range tokens,
                                int thread) const {
  const KernelTable& kernels = context_.kernels;
  float* rows = gathered_ + thread * kernels.token_tile * cols_;
  for (int64_t first = tokens.begin; first < tokens.end; first += kernels.token_tile) {
    const int64_t n = std::min<int64_t>(kernels.token_tile, tokens.end - first);
    for (int64_t token = 0; token < n; ++token) {
      const float* from = x + (first + token) * stride;
      float* row = rows + token * cols_;
      for (int64_t k = 0; k < cols_; ++k) row[k] = from[form.order[k]];
    }
    std::byte* out = form.data + thread * form.copy_bytes + activation_bytes(kernels, form.kind, first, cols_);
    kernels.pack_activations(form.kind, rows, cols_, 0, n, n, cols_, out);
  }
}

const void* PackedInput::data(const Linear& w, int thread) const {
  const Form* form = find(w);
  LOAM_CHECK(form);
  return form->data + thread * form->copy_bytes;
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
