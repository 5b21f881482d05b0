// The matrix products inside the operations: activations packed once for all weights that multiply them, and the
// weights' rows shared among the threads.
#pragma once

#include <span>
#include <vector>

#include "ops/context.h"
#include "ops/ops.h"

namespace loam {

// Tokens that go through a gated FFN together: enough to read the weights seldom, few enough that the wide activations
// stay in the cache and take some megabytes only.
inline constexpr int64_t kFfnTokens = 128;
// Choices of experts whose outputs wait to be summed: bounds the scratch memory whatever the batch.
inline constexpr int64_t kWaveChoices = 2048;
// Of n choices, the most that go through an expert together, on one of the threads: whole token tiles, whose
// activations stay in a core's cache, and some groups for each thread.
int64_t choices_together(const KernelTable& kernels, int64_t n_choices, int n_threads);

// Rows of activations in the packed form of every kind, and in every order of inputs, that the given weights multiply
// with. Memory comes from the context's arena, so it is made before the parallel region and used inside.
class PackedInput {
 public:
  PackedInput(Context& context, int64_t max_tokens, int64_t cols, std::span<const Linear* const> weights);

  // Called by every thread of a region. Tells on_product, packs n_tokens rows, and returns once `data` may be read by
  // this thread. A single token tile cannot be shared out, so each thread packs a copy of its own: cheaper than waiting
  // for another's.
  void pack(const float* x, int64_t stride, int64_t n_tokens, int thread);
  const void* data(const Linear& w, int thread) const;  // one of the given weights

 private:
  struct Form {
    ActivationKind kind;
    const int32_t* order;  // null: the inputs' own
    std::byte* data;
    size_t copy_bytes;  // from one thread's copy to the next; 0 where all share one
  };

  const Form* find(const Linear& w) const;
  void pack_in_order(const Form& form, const float* x, int64_t stride, ThreadPool::Range tokens, int thread) const;

  Context& context_;
  const int64_t cols_;
  const bool shared_;
  std::vector<Form> forms_;
  float* gathered_ = nullptr;  // [thread][token_tile][cols], where there is an order
  std::vector<Tensor> told_;   // the weights, where on_product wants to know what they multiply
};

// Tells Context::on_product, if there is one, what the matrix multiplies; not where there is no matrix.
void tell_product(const Context& context, const Tensor& matrix, const float* x, int64_t stride, int64_t n_rows);

// This thread's rows of a matrix: contiguous, whole row groups, and whole cache lines of float outputs.
ThreadPool::Range share_of_rows(const Context& context, int64_t n_rows, int thread);

// out[token][row] = Σ_k weight[row][k] · x[token][k] + bias[row] for `rows`; `packed` is x as the weight wants it. Ends
// early where the step is cancelled.
void multiply(Context& context, const Linear& w, const void* packed, int64_t n_tokens, ThreadPool::Range rows,
              float* out, int64_t out_stride);

// x[token][i] = f(x[token][i]) · up[token][i] for columns [columns.begin, columns.end); `up` may be null.
void apply_activation(const KernelTable& kernels, const Activation& f, float* x, const float* up, int64_t stride,
                      int64_t n_tokens, ThreadPool::Range columns);

}  // namespace loam
