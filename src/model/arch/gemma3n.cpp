// Gemma 3n (text): four residual streams that each layer predicts and corrects (AltUp, arXiv 2301.13310), a low-rank
// path beside attention (LAuReL, arXiv 2411.07501), an embedding of its own for every layer, sparse feed-forward layers
// first, and later layers that attend to an earlier one's keys and values.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "model/arch/list.h"
#include "model/model.h"
#include "model/parts/norm.h"
#include "model/parts/rotation.h"
#include "model/parts/shared_keys.h"
#include "model/parts/streams.h"

namespace loam {
namespace {

// Of all Gemma 3n models; files do not have them.
constexpr int kStreams = 4, kOwnKeys = 20, kSparseLayers = 10;  // layers with keys of their own, and sparse ones
constexpr int64_t kLowRank = 64, kPerLayer = 256;               // features
constexpr int kGemma3nPeriod = 5;                               // four layers with a window, one without
constexpr double kGemma3nSlidingBase = 10'000;
constexpr float kGemma3nSoftcap = 30;
constexpr double kSparsity = 1.6448533535003662;  // standard deviations that 5 % of a normal distribution are above

using Streams = std::array<Tensor, kStreams>;  // (n_tokens, dim) each

template <class F>
void gemma3n_rows(Ops& f, int64_t n_rows, const F& body) {
  ThreadPool& pool = f.context().pool;
  pool.run([&](int thread) {
    const auto [begin, end] = ThreadPool::split(n_rows, 1, thread, pool.size());
    for (int64_t row = begin; row < end; ++row) body(row);
  });
}

// As many features in each of a's rows, made as long as x's row.
void take_length(Ops& f, Tensor& a, const Tensor& x) {
  const int64_t n = x.shape.cols();
  const auto square = [n](const float* v) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += double{v[i]} * v[i];
    return sum;
  };
  gemma3n_rows(f, x.shape.rows(), [&](int64_t row) {
    const auto factor = static_cast<float>(std::sqrt(square(x.row(row)) / square(a.row(row))));
    for (int64_t i = 0; i < n; ++i) a.row(row)[i] *= factor;
  });
}

// In place: what is not above mean + kSparsity · deviation becomes 0, and the rest begins there.
void keep_highest(Ops& f, Tensor& x) {
  const int64_t n = x.shape.cols();
  gemma3n_rows(f, x.shape.rows(), [&](int64_t row) {
    float* v = x.row(row);
    double sum = 0, square = 0;
    for (int64_t i = 0; i < n; ++i) sum += v[i];
    const double mean = sum / static_cast<double>(n);
    for (int64_t i = 0; i < n; ++i) square += (v[i] - mean) * (v[i] - mean);
    const double deviation = std::sqrt(square / static_cast<double>(std::max<int64_t>(1, n - 1)));
    const auto least = static_cast<float>(mean + kSparsity * deviation);
    for (int64_t i = 0; i < n; ++i) v[i] = std::max(0.0f, v[i] - least);
  });
}

// AltUp: of each stream, what the layer will make of it, from all of them; then corrected by what it has made of one.
class StreamPredictor {
 public:
  StreamPredictor(const Weights& l, const ModelConfig& c)
      : dim_(c.dim),
        norm_(l, "altup_router_norm", c.dim, NormKind::rms, c.norm_epsilon),
        router_(l.linear("altup_router", {kStreams, c.dim})),
        predict_(l.linear("altup_predict_coef", {kStreams * kStreams, kStreams})),
        correct_(l.linear("altup_correct_coef", {kStreams, kStreams})) {}

  Streams predict(Ops& f, const Streams& x) const {
    const Tensor shares = f.linear(modalities(f, x[0]), predict_);  // (n_tokens, predicted · stream)
    Streams out;
    for (int j = 0; j < kStreams; ++j) out[j] = copy_of(f, x[j]);
    gemma3n_rows(f, x[0].shape.rows(), [&](int64_t row) {
      for (int j = 0; j < kStreams; ++j)
        for (int k = 0; k < kStreams; ++k) {
          const float share = shares.row(row)[j * kStreams + k];
          for (int64_t i = 0; i < dim_; ++i) out[j].row(row)[i] += share * x[k].row(row)[i];
        }
    });
    return out;
  }

  // Into x.
  void correct(Ops& f, const Streams& predicted, const Tensor& made, Streams& x) const {
    const Tensor shares = f.linear(modalities(f, made), correct_);  // (n_tokens, streams)
    gemma3n_rows(f, made.shape.rows(), [&](int64_t row) {
      const float *now = made.row(row), *before = predicted[0].row(row);
      for (int j = 0; j < kStreams; ++j)
        for (int64_t i = 0; i < dim_; ++i)
          x[j].row(row)[i] = predicted[j].row(row)[i] + (1 + shares.row(row)[j]) * (now[i] - before[i]);
    });
  }

 private:
  Tensor modalities(Ops& f, const Tensor& x) const {
    Tensor input = norm_(f, x);
    f.scale(input, 1 / static_cast<float>(dim_));
    Tensor out = f.linear(input, router_);
    f.softcap(out, 1);  // tanh
    return out;
  }

  const int64_t dim_;
  Norm norm_;
  Linear router_, predict_, correct_;
};

struct Gemma3nLayer {
  Gemma3nLayer(const Weights& l, const ModelConfig& c, int i, int source)
      : streams(l, c),
        attention(l, c, i, source),
        sparse(i < kSparseLayers),
        down_rank(l.linear("laurel_l", {kLowRank, c.dim})),
        up_rank(l.linear("laurel_r", {c.dim, kLowRank})),
        gate(l.linear("ffn_gate", {c.layer(i).ffn_dim, c.dim})),
        up(l.linear("ffn_up", {c.layer(i).ffn_dim, c.dim})),
        down(l.linear("ffn_down", {c.dim, c.layer(i).ffn_dim})),
        own_gate(l.linear("inp_gate", {kPerLayer, c.dim})),
        own_up(l.linear("proj", {c.dim, kPerLayer})),
        own_scale(l.vector("altup_correct_scale", {c.dim})) {
    const auto norm = [&](const char* name) { return Norm(l, name, c.dim, NormKind::rms, c.norm_epsilon); };
    before_attention = norm("attn_norm"), after_attention = norm("post_attention_norm");
    before_ffn = norm("ffn_norm"), after_ffn = norm("post_ffw_norm");
    after_rank = norm("laurel_post_norm"), after_own = norm("post_norm");
  }

  // The streams x; `own`: the layer's own embedding of each token, (n_tokens, kPerLayer).
  void run(Ops& f, Streams& x, const Tensor& own, const Rope& rope, const Batch& batch, KvCache& cache) const {
    const Streams predicted = streams.predict(f, x);
    streams.correct(f, predicted, make(f, predicted[0], rope, batch, cache), x);
    Tensor scaled = copy_of(f, x[0]);
    f.multiply_rows(scaled, own_scale);
    const Tensor gated = f.activate(f.linear(scaled, own_gate), own, {.kind = Activation::gelu});
    const Tensor added = after_own(f, f.linear(gated, own_up));
    for (int j = 1; j < kStreams; ++j) f.add(x[j], added);
  }

  // What attention and the feed-forward layer make of a stream.
  Tensor make(Ops& f, const Tensor& x, const Rope& rope, const Batch& batch, KvCache& cache) const {
    const Tensor h = before_attention(f, x);
    Tensor y = after_rank(f, f.linear(f.linear(h, down_rank), up_rank));
    f.add(y, h);
    f.add(y, after_attention(f, attention.run(f, h, rope, batch, cache)));
    f.add(y, x);
    f.scale(y, 1 / std::sqrt(2.0f));
    const Tensor g = before_ffn(f, y);
    std::vector<Tensor> hidden = f.linears(g, {&gate, &up});
    if (sparse) keep_highest(f, hidden[0]);
    f.add(y, after_ffn(f, f.linear(f.activate(hidden[0], hidden[1], {.kind = Activation::gelu}), down)));
    return y;
  }

  StreamPredictor streams;
  SharedKeysAttention attention;
  bool sparse;
  Linear down_rank, up_rank, gate, up, down, own_gate, own_up;
  Tensor own_scale;
  Norm before_attention, after_attention, before_ffn, after_ffn, after_rank, after_own;
};

class Gemma3n final : public Model {
 public:
  explicit Gemma3n(const Weights& w) : Model(w) {
    ModelConfig& c = config_;
    c.slide_by_default(kGemma3nPeriod);
    const RopeConfig sliding{.n_rotated = c.rope.n_rotated,
                             .base = c.sliding_rope_base != 0 ? c.sliding_rope_base : kGemma3nSlidingBase};
    rope_ = bind_rope(w, c.rope, RopePairs::halves);
    sliding_rope_ = make_rope(sliding, /*adjacent=*/false);
    bind_ends();
    norm_ = Norm(w, "output_norm", c.dim, NormKind::rms, c.norm_epsilon);
    embeddings_ = LayerEmbeddings(w, c, kPerLayer);
    spread_ = w.matrix("altup_proj", {kStreams - 1, c.dim, c.dim});
    gather_ = w.matrix("altup_unembd_proj", {kStreams - 1, c.dim, c.dim});
    for (int i = 0; i < c.n_layers; ++i) {
      const int source = source_of_keys(c, i, kOwnKeys);
      layers_.emplace_back(w.scope("blk", i), c, i, source);
      if (source != i) c.layer(i).n_kv_heads = 0;
    }
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    const Tensor embedded = f.embed(ends_.embed, batch.tokens, std::sqrt(static_cast<float>(config_.dim)));
    const Tensor own = embeddings_.run(f, embedded, batch);
    Streams x = spread(f, embedded);
    for (int i = 0; i < config_.n_layers; ++i) {
      const Arena::Scope layer_memory(context.arena);
      const Tensor mine = f.head_part(own, own.shape.cols(), i * kPerLayer, kPerLayer);
      layers_[static_cast<size_t>(i)].run(f, x, mine, config_.layer(i).sliding ? sliding_rope_ : rope_, batch, cache);
    }
    if (batch.logit_rows.empty()) return {};
    for (Tensor& stream : x) stream = f.rows(stream, batch.logit_rows);
    return norm_(f, gather(f, x));
  }

  Tensor logits(Ops& f, const Tensor& hidden) const override {
    Tensor logits = Model::logits(f, hidden);
    f.softcap(logits, config_.final_softcap != 0 ? config_.final_softcap : kGemma3nSoftcap);
    return logits;
  }

 private:
  // Products of the streams but the first, each as long as the rows of `length`.
  Streams products(Ops& f, const Tensor& second, const Tensor& third, const Tensor& fourth, const Tensor& weight,
                   const Tensor& length) const {
    const int64_t dim = config_.dim;
    const Tensor joined = f.join_heads(f.join_heads(second, dim, third, dim), 2 * dim, fourth, dim);
    const Tensor made = f.head_linear(joined, weight);  // (n_tokens, 3 · dim)
    Streams out;
    for (int j = 1; j < kStreams; ++j) {
      out[j] = f.head_part(made, 3 * dim, (j - 1) * dim, dim);
      take_length(f, out[j], length);
    }
    return out;
  }

  Streams spread(Ops& f, const Tensor& x) const {
    Streams out = products(f, x, x, x, spread_, x);
    out[0] = copy_of(f, x);
    return out;
  }

  Tensor gather(Ops& f, const Streams& x) const {
    const Streams made = products(f, x[1], x[2], x[3], gather_, x[0]);
    Tensor sum = copy_of(f, x[0]);
    for (int j = 1; j < kStreams; ++j) f.add(sum, made[j]);
    f.scale(sum, 1.0f / kStreams);
    return sum;
  }

  Norm norm_;
  Rope rope_, sliding_rope_;
  Tensor spread_, gather_;
  LayerEmbeddings embeddings_;
  std::vector<Gemma3nLayer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_gemma3n(const Weights& weights) { return std::make_unique<Gemma3n>(weights); }

}  // namespace loam
