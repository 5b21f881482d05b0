// The operations of text encoders, which have no cache: attention among the tokens of a text, and means over texts.
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "base/error.h"
#include "ops/ops.h"
#include "ops/products.h"

namespace loam {
namespace {

constexpr int kQueriesTogether = 64;  // enough to share the work of reading a page, few enough to stay in the cache

int64_t whole_lines(int64_t floats) { return (floats + 15) / 16 * 16; }

// One head of one text is a piece of work: its keys and values are laid out as the pages that the attention kernel
// reads, in memory of the thread's own. What a token computes depends on its text alone.
class AttentionWithin {
 public:
  AttentionWithin(Context& context, const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                  std::span<const BatchSpan> spans, float scale, const Nearness& nearness, Tensor& out)
      : context_(context),
        q_(q),
        k_(k),
        v_(v),
        out_(out),
        spans_(spans),
        head_dim_(head_dim),
        n_heads_(q.shape.cols() / head_dim),
        scale_(scale),
        nearness_(nearness),
        queue_(context, n_heads_ * std::ssize(spans)) {
    for (const BatchSpan& span : spans) longest_ = std::max(longest_, span.n_rows);
    page_floats_ = int64_t{2} * head_dim * kPageTokens;
    pages_.resize(static_cast<size_t>((longest_ + kPageTokens - 1) / kPageTokens));
    std::iota(pages_.begin(), pages_.end(), 0);
    text_floats_ = whole_lines(page_floats_ * std::ssize(pages_));
    scratch_floats_ = whole_lines(static_cast<int64_t>(attention_scratch_floats(kQueriesTogether, head_dim, head_dim)));
    state_floats_ = whole_lines(static_cast<int64_t>(attention_state_floats(kQueriesTogether, head_dim)));
    thread_floats_ = text_floats_ + scratch_floats_ + 2 * state_floats_;
    const int64_t floats = thread_floats_ * context.pool.size();
    memory_ = static_cast<float*>(context.arena.allocate(static_cast<size_t>(floats) * sizeof(float)));
  }

  void attend(int thread) {
    float* pages = memory_ + thread * thread_floats_;
    while (const auto piece = queue_.take()) {
      const BatchSpan& span = spans_[static_cast<size_t>(*piece / n_heads_)];
      const int64_t head = *piece % n_heads_;
      lay_out(span, head, pages);
      for (int first = 0; first < span.n_rows && !context_.stopping(); first += kQueriesTogether)
        attend_rows(span, head, first, std::min(kQueriesTogether, span.n_rows - first), pages);
    }
  }

 private:
  // A page: [feature][token] keys, then [token][feature] values.
  void lay_out(const BatchSpan& span, int64_t head, float* pages) const {
    const int64_t column = head * head_dim_;
    for (int row = 0; row < span.n_rows; ++row) {
      float* page = pages + row / kPageTokens * page_floats_;
      const int slot = row % kPageTokens;
      const float *key = k_.row(span.first_row + row) + column, *value = v_.row(span.first_row + row) + column;
      for (int i = 0; i < head_dim_; ++i) page[i * kPageTokens + slot] = key[i];
      std::memcpy(page + (kPageTokens + slot) * head_dim_, value, static_cast<size_t>(head_dim_) * sizeof(float));
    }
  }

  void attend_rows(const BatchSpan& span, int64_t head, int first, int n, float* pages) const {
    std::array<const float*, kQueriesTogether> queries;
    std::array<float*, kQueriesTogether> outs;
    std::array<int32_t, kQueriesTogether> positions;
    std::array<float, kQueriesTogether> slopes;
    if (!nearness_.slopes.empty()) slopes.fill(nearness_.slopes[static_cast<size_t>(head)]);
    for (int i = 0; i < n; ++i) {
      const int row = span.first_row + first + i;
      queries[i] = q_.row(row) + head * head_dim_;
      outs[i] = out_.row(row) + head * head_dim_;
      positions[i] = first + i;
    }
    const int window = nearness_.window < span.n_rows ? nearness_.window : 0, reach = window > 0 ? window : span.n_rows;
    const int first_key = std::max(0, first - reach), end_key = std::min(span.n_rows, first + n + reach);
    float* scratch = pages + text_floats_;
    float *state = scratch + scratch_floats_, *next = state + state_floats_;
    const int64_t row_bytes = head_dim_ * int64_t{sizeof(float)};
    AttentionArgs args{.q = queries.data(),
                       .positions = positions.data(),
                       .n_queries = n,
                       .chunk_begin = first_key / kAttentionChunk * kAttentionChunk,
                       .pages = pages_.data(),
                       .k_pages = pages,
                       .v_pages = pages + kPageTokens * head_dim_,
                       .page_stride = page_floats_ * int64_t{sizeof(float)},
                       .k_row_bytes = row_bytes,
                       .v_row_bytes = row_bytes,
                       .k_type = DType::f32,
                       .v_type = DType::f32,
                       .head_dim = head_dim_,
                       .value_dim = head_dim_,
                       .window = window,
                       .chunked = false,
                       .n_keys = span.n_rows,
                       .scale = scale_,
                       .softcap = 0,
                       .slopes = nearness_.slopes.empty() ? nullptr : slopes.data(),
                       .scratch = scratch,
                       .state = state};
    context_.kernels.attention(args);
    for (args.state = next; (args.chunk_begin += kAttentionChunk) < end_key;) {
      context_.kernels.attention(args);
      context_.kernels.merge_attention(n, head_dim_, next, state);
    }
    context_.kernels.finish_attention(n, head_dim_, nullptr, state, outs.data());
  }

  Context& context_;
  const Tensor &q_, &k_, &v_;
  Tensor& out_;
  const std::span<const BatchSpan> spans_;
  const int head_dim_;
  const int64_t n_heads_;
  const float scale_;
  const Nearness nearness_;
  WorkQueue queue_;
  int longest_ = 0;
  std::vector<int32_t> pages_;  // their numbers: 0, 1, 2, …
  int64_t page_floats_, text_floats_, scratch_floats_, state_floats_, thread_floats_;
  float* memory_;  // [thread]: pages, the kernel's scratch, and two states
};

}  // namespace

Tensor Ops::attention_within(const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                             std::span<const BatchSpan> spans, float scale, const Nearness& nearness) {
  LOAM_CHECK(q.shape == k.shape && q.shape == v.shape && q.shape.cols() % head_dim == 0 && nearness.window >= 0);
  LOAM_CHECK(nearness.slopes.empty() || std::ssize(nearness.slopes) == q.shape.cols() / head_dim);
  Tensor out = make(q.shape.rows(), q.shape.cols());
  const Arena::Scope temporaries(context_.arena);
  AttentionWithin attention(context_, q, k, v, head_dim, spans, scale, nearness, out);
  context_.pool.run([&](int thread) { attention.attend(thread); });
  context_.check_cancelled();
  return out;
}

void Ops::add_layer_norm(Tensor& x, const Tensor& y, const Tensor& weight, const Tensor& bias, float epsilon) {
  const int64_t n_rows = x.shape.rows(), cols = x.shape.cols();
  LOAM_CHECK(x.shape == y.shape && weight.shape.cols() == cols && bias.shape.cols() == cols);
  context_.check_cancelled();
  context_.pool.run([&](int thread) {
    const auto [begin, end] = ThreadPool::split(n_rows, 1, thread, context_.pool.size());
    for (int64_t i = begin; i < end; ++i) {
      context_.kernels.add(x.row(i), y.row(i), cols);
      context_.kernels.layer_norm(x.row(i), weight.f32(), bias.f32(), cols, epsilon, x.row(i));
    }
  });
}

Tensor Ops::mean_rows(const Tensor& x, std::span<const BatchSpan> spans) {
  const int64_t cols = x.shape.cols();
  Tensor out = make(std::ssize(spans), cols);
  for (size_t i = 0; i < spans.size(); ++i) {
    float* mean = out.row(static_cast<int64_t>(i));
    std::fill_n(mean, cols, 0.0f);
    for (int row = 0; row < spans[i].n_rows; ++row) context_.kernels.add(mean, x.row(spans[i].first_row + row), cols);
    context_.kernels.scale(mean, 1.0f / static_cast<float>(std::max(1, spans[i].n_rows)), cols);
  }
  return out;
}

}  // namespace loam
