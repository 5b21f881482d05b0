#include "model/pooled_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "model/diffusion.h"
#include "model/kv_cache.h"

namespace loam {
namespace {

// Rows that go through the model at once: of a longer text the activations stay small.
constexpr int kRowsOfAPiece = 256;

// What the texts of a batch have been read to: a cache with pages and a state for each of them.
class TextPages {
 public:
  TextPages(const ModelConfig& config, const std::vector<BatchSpan>& spans) : cache_(config, {}, room(config, spans)) {
    for (const BatchSpan& span : spans) take(KvCache::pages_for(span.n_rows));
  }

  KvCache& cache() { return cache_; }
  // The rows [first, first + n) of a piece belong to text i.
  BatchSpan span(size_t i, int first, int n) const {
    const Text& text = texts_[i];
    return {.first_row = first,
            .n_rows = n,
            .pages = text.pages.data(),
            .window_pages = text.window_pages.data(),
            .state = text.state};
  }

 private:
  struct Text {
    std::vector<int32_t> pages, window_pages;
    int32_t state = 0;
  };

  // All texts' pages, those behind a window, too; and states, where there are any.
  static KvRoom room(const ModelConfig& config, const std::vector<BatchSpan>& spans) {
    int64_t n_pages = 0;
    for (const BatchSpan& span : spans) n_pages += KvCache::pages_for(span.n_rows);
    const bool has_states = StateCache::slot_bytes(config) > 0;
    return {.context = n_pages * kPageTokens,
            .parallel = has_states ? static_cast<int>(spans.size()) : 1,
            .chunk = static_cast<int>(n_pages * kPageTokens)};
  }

  void take(int64_t n_pages) {
    Text& text = texts_.emplace_back();
    KvPool& pool = cache_.pool({});
    for (int64_t i = 0; i < n_pages; ++i) {
      text.pages.push_back(cache_.take(pool.pages));
      if (pool.window_pages.page_bytes() > 0) text.window_pages.push_back(cache_.take(pool.window_pages));
    }
    if (PagePool& slots = cache_.states().slots(); slots.page_bytes() > 0) text.state = cache_.take(slots);
  }

  KvCache cache_;
  std::deque<Text> texts_;
};

// Rows [begin, end) of a batch.
Batch piece_of(const Batch& batch, int begin, int end, const TextPages& pages) {
  Batch piece{.tokens = {batch.tokens.begin() + begin, batch.tokens.begin() + end},
              .positions = {batch.positions.begin() + begin, batch.positions.begin() + end},
              .spans = {},
              .logit_rows = std::vector<int32_t>(static_cast<size_t>(end - begin))};
  std::iota(piece.logit_rows.begin(), piece.logit_rows.end(), 0);
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    const BatchSpan& span = batch.spans[i];
    const int first = std::max(begin, span.first_row), last = std::min(end, span.first_row + span.n_rows);
    if (first < last) piece.spans.push_back(pages.span(i, first - begin, last - first));
  }
  return piece;
}

}  // namespace

PooledDecoder::PooledDecoder(const Weights& w)
    : Encoder(w, {.pooling = Pooling::last}), model_(Model::create_without_head(w)) {
  if (sees_whole_text(model_->config()))
    throw Error(
        Error::Code::unsupported,
        fmt::format("vectors of a {}, whose tokens see the whole text; loam makes them of encoders and of models "
                    "that read from left to right",
                    config_.arch),
        "general.architecture");
}

// A piece's activations, and of all rows what the model remembers and their hidden states.
uint64_t PooledDecoder::bytes_at_work(int64_t n_rows) const {
  const ModelConfig& c = model_->config();
  const int64_t ffn = std::max(c.ffn_dim, c.n_experts_used * c.expert_ffn_dim);
  const int64_t in_piece = 8 * std::max({c.dim, c.q_dim(), c.attention_dim()}) + 2 * ffn;
  const auto rows = static_cast<uint64_t>(n_rows), piece = std::min<uint64_t>(rows, kRowsOfAPiece);
  return piece * static_cast<uint64_t>(in_piece) * sizeof(float) + StateCache::slot_bytes(c) +
         rows * (KvCache::bytes_per_token(c, {}) + static_cast<uint64_t>(c.dim) * sizeof(float));
}

Tensor PooledDecoder::forward(Context& context, const Batch& batch, std::span<const int32_t>) const {
  TextPages pages(model_->config(), batch.spans);
  const int n_rows = batch.n_rows();
  Tensor hidden;
  hidden.shape = {n_rows, config_.dim};
  hidden.data = context.arena.allocate(static_cast<size_t>(hidden.shape.elements()) * sizeof(float));
  for (int begin = 0; begin < n_rows; begin += kRowsOfAPiece) {
    const Arena::Scope piece_memory(context.arena);
    const int end = std::min(n_rows, begin + kRowsOfAPiece);
    const Tensor piece = model_->hidden(context, piece_of(batch, begin, end, pages), pages.cache());
    std::memcpy(hidden.row(begin), piece.f32(), static_cast<size_t>(piece.shape.elements()) * sizeof(float));
  }
  return hidden;
}

}  // namespace loam
