// Hunyuan 4: latent attention with sinks and a gate, experts with bounded gates beside a shared one, and several
// residual streams: each half of a layer reads a weighted sum of them and writes to each with a weight of its own, both
// found from the streams (hyper-connections, arXiv 2409.19606, without their mixing term). An index picks the tokens
// that attention reads; contexts are as long as it picks all.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/latent_attention.h"
#include "model/parts/streams.h"

namespace loam {
namespace {

struct StreamShape {
  int64_t n = 0, dim = 0;  // streams, and features of each
  float norm_epsilon = 0, epsilon = 0, magnitude = 0;
};

// The weights of reading the streams (n_tokens, n · dim), and of writing to them unless they are only read:
// sigmoid(scale · fn(rms_norm(x)) + base) + ε, that of writing times a magnitude.
class StreamWeights {
 public:
  StreamWeights(const Weights& w, const std::string& name, const StreamShape& shape, bool writes)
      : shape_(shape),
        n_kinds_(writes ? 2 : 1),
        mix_{.weight = w.matrix(name + "_fn", {n_kinds_ * shape.n, shape.n * shape.dim}), .bias = {}},
        scale_(w.vector(name + "_scale", {n_kinds_})),
        base_(w.vector(name + "_base", {n_kinds_ * shape.n})) {}

  // x read → (n_tokens, dim); `write`: → (n_tokens, n)
  Tensor read(Ops& f, const Tensor& x, Tensor* write = nullptr) const {
    const Tensor mixed = f.linear(f.rms_norm(x, {}, shape_.norm_epsilon), mix_);
    if (write) *write = weights(f, mixed, 1, shape_.magnitude);
    Tensor weighted = copy_of(f, x);
    multiply_streams(f, weighted, weights(f, mixed, 0, 1));
    return sum_of_streams(f, weighted, shape_.n);
  }

 private:
  Tensor weights(Ops& f, const Tensor& mixed, int64_t kind, float magnitude) const {
    Tensor out = f.head_part(mixed, mixed.shape.cols(), kind * shape_.n, shape_.n);
    f.scale(out, scale_.f32()[kind]);
    f.add_to_rows(out, {.shape = {shape_.n}, .data = base_.f32() + kind * shape_.n});
    out = f.activate(out, {}, {Activation::sigmoid});
    for (int64_t i = 0; i < out.shape.elements(); ++i) out.f32()[i] = out.f32()[i] * magnitude + shape_.epsilon;
    return out;
  }

  const StreamShape shape_;
  const int64_t n_kinds_;
  const Linear mix_;
  const Tensor scale_, base_;
};

class HunyuanV4 final : public Model {
 public:
  explicit HunyuanV4(const Weights& w)
      : Model(w),
        streams_(shape_of(w)),
        norm_(norm(w, "output_norm")),
        head_(w, "output_hc", streams_, /*writes=*/false) {
    bind_ends();
    const int64_t most = w.metadata().integer(config_.arch + ".attention.indexer.top_k", 0, INT32_MAX).value_or(0);
    if (most > 0) config_.context_length = std::min(config_.context_length, most);
    const LatentAttentionSpec attention{.rope = bind_rope(w, config_.rope, RopePairs::adjacent),
                                        .scale = 1 / std::sqrt(static_cast<float>(config_.mla.key_length)),
                                        .sinks = true,
                                        .gate = AttentionGate::own,
                                        .n_positions = most};
    for (int i = 0; i < config_.n_layers; ++i) bind_layer(w.scope("blk", i), i, attention);
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = to_streams(f, f.embed(ends_.embed, batch.tokens), streams_.n);  // (n_tokens, n_streams · dim)
    for (const Layer& layer : layers_) {
      const Arena::Scope layer_memory(context.arena);
      Tensor weights;
      const Tensor seen = layer.attention_norm(f, layer.attention_streams->read(f, x, &weights));
      add_to_streams(f, x, layer.attention->run(f, seen, batch, cache), weights);
      const Tensor treated = layer.ffn_norm(f, layer.ffn_streams->read(f, x, &weights));
      add_to_streams(f, x, layer.ffn->run(f, treated, batch), weights);
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, head_.read(f, f.rows(x, batch.logit_rows)));
  }

 private:
  struct Layer {
    Norm attention_norm, ffn_norm;
    std::unique_ptr<StreamWeights> attention_streams, ffn_streams;
    std::unique_ptr<LatentAttention> attention;
    std::unique_ptr<FeedForward> ffn;
  };

  StreamShape shape_of(const Weights& w) const {
    const std::string prefix = config_.arch + ".hyper_connection.";
    constexpr int kMostStreams = 64;
    return {.n = w.metadata().require_integer(prefix + "count", 1, kMostStreams),
            .dim = config_.dim,
            .norm_epsilon = config_.norm_epsilon,
            .epsilon = static_cast<float>(w.metadata().require_number(prefix + "epsilon")),
            .magnitude = static_cast<float>(w.metadata().require_number(prefix + "magnitude"))};
  }

  Norm norm(const Weights& w, std::string_view name) const {
    return Norm(w, name, config_.dim, NormKind::rms, config_.norm_epsilon);
  }

  void bind_layer(const Weights& w, int i, const LatentAttentionSpec& attention) {
    Layer& layer = layers_.emplace_back();
    layer.attention_norm = norm(w, "attn_norm"), layer.ffn_norm = norm(w, "ffn_norm");
    layer.attention_streams = std::make_unique<StreamWeights>(w, "hc_attn", streams_, /*writes=*/true);
    layer.ffn_streams = std::make_unique<StreamWeights>(w, "hc_ffn", streams_, /*writes=*/true);
    layer.attention = std::make_unique<LatentAttention>(w, config_, i, attention);
    if (!config_.has_experts(i)) {
      layer.ffn = std::make_unique<DenseFfn>(w, config_.dim, config_.layer(i).ffn_dim, FfnSpec{}, config_.norm_epsilon);
      return;
    }
    ExpertsSpec experts = experts_of(config_);
    experts.options.activation = bounded_silu(w, config_, i);
    experts.shared = SharedExpert::plain;
    experts.shared_activation = Activation{};
    layer.ffn = std::make_unique<Experts>(w, config_, i, experts);
  }

  const StreamShape streams_;
  const Norm norm_;
  const StreamWeights head_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_hy_v4(const Weights& weights) { return std::make_unique<HunyuanV4>(weights); }

}  // namespace loam
