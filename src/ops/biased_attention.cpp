#include "ops/biased_attention.h"

#include <algorithm>
#include <cstdint>

#include "base/error.h"

namespace loam {
namespace {

// One head of one text is a piece of work: its keys are transposed, so that a query's scores of neighbouring keys are
// summed together, a feature at a time. What a token computes depends on its text alone.
class BiasedAttention {
 public:
  BiasedAttention(Context& context, const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                  std::span<const BatchSpan> spans, float scale, std::span<const float> biases, Tensor& out)
      : context_(context),
        q_(q),
        k_(k),
        v_(v),
        out_(out),
        spans_(spans),
        head_dim_(head_dim),
        n_heads_(q.shape.cols() / head_dim),
        scale_(scale),
        biases_(biases),
        n_offsets_(std::ssize(biases) / n_heads_),
        queue_(context, n_heads_ * std::ssize(spans)) {
    int64_t longest = 0;
    for (const BatchSpan& span : spans) longest = std::max<int64_t>(longest, span.n_rows);
    stride_ = (longest + kLine - 1) / kLine * kLine;
    const int64_t floats = (head_dim + 1) * stride_ * context.pool.size();
    memory_ = static_cast<float*>(context.arena.allocate(static_cast<size_t>(floats) * sizeof(float)));
  }

  void attend(int thread) {
    float *keys = memory_ + thread * (head_dim_ + 1) * stride_, *scores = keys + head_dim_ * stride_;
    while (const auto piece = queue_.take()) {
      const BatchSpan& span = spans_[static_cast<size_t>(*piece / n_heads_)];
      const int64_t head = *piece % n_heads_;
      transpose_keys(span, head, keys);
      for (int row = 0; row < span.n_rows; ++row) {
        if (row % kRowsUnasked == 0 && context_.stopping()) break;
        attend_row(span, head, row, keys, scores);
      }
    }
  }

 private:
  static constexpr int64_t kLine = 16;     // floats of a cache line
  static constexpr int kRowsUnasked = 64;  // between two looks whether the step is cancelled

  void transpose_keys(const BatchSpan& span, int64_t head, float* keys) const {  // [feature][token]
    for (int row = 0; row < span.n_rows; ++row) {
      const float* key = k_.row(span.first_row + row) + head * head_dim_;
      for (int i = 0; i < head_dim_; ++i) keys[i * stride_ + row] = key[i];
    }
  }

  void attend_row(const BatchSpan& span, int64_t head, int row, const float* keys, float* scores) const {
    const int n = span.n_rows;
    const int64_t column = head * head_dim_;
    const float* query = q_.row(span.first_row + row) + column;
    std::fill_n(scores, n, 0.0f);
    for (int i = 0; i < head_dim_; ++i) context_.kernels.multiply_add(scores, keys + i * stride_, query[i] * scale_, n);
    add_biases(head, row, n, scores);
    context_.kernels.softmax(scores, n);
    float* out = out_.row(span.first_row + row) + column;
    std::fill_n(out, head_dim_, 0.0f);
    for (int i = 0; i < n; ++i)
      context_.kernels.multiply_add(out, v_.row(span.first_row + i) + column, scores[i], head_dim_);
  }

  void add_biases(int64_t head, int row, int n, float* scores) const {
    const int64_t reach = n_offsets_ / 2;
    const float* biases = biases_.data() + head * n_offsets_ + reach;
    for (int i = 0; i < n; ++i) scores[i] += biases[std::clamp<int64_t>(i - row, -reach, reach)];
  }

  Context& context_;
  const Tensor &q_, &k_, &v_;
  Tensor& out_;
  const std::span<const BatchSpan> spans_;
  const int head_dim_;
  const int64_t n_heads_;
  const float scale_;
  const std::span<const float> biases_;
  const int64_t n_offsets_;  // of a head
  WorkQueue queue_;
  int64_t stride_ = 0;  // floats from a feature's keys to the next one's
  float* memory_;       // [thread]: keys, and a query's scores
};

}  // namespace

Tensor attention_biased(Ops& f, const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                        std::span<const BatchSpan> spans, float scale, std::span<const float> biases) {
  LOAM_CHECK(q.shape == k.shape && q.shape == v.shape && q.shape.cols() % head_dim == 0);
  LOAM_CHECK(!biases.empty() && std::ssize(biases) % (q.shape.cols() / head_dim) == 0);
  Context& context = f.context();
  context.check_cancelled();
  Tensor out = q;
  out.data = context.arena.allocate(static_cast<size_t>(q.shape.elements()) * sizeof(float));
  const Arena::Scope temporaries(context.arena);
  BiasedAttention attention(context, q, k, v, head_dim, spans, scale, biases, out);
  context.pool.run([&](int thread) { attention.attend(thread); });
  context.check_cancelled();
  return out;
}

}  // namespace loam
