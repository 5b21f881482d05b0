// Kimi K3: Kimi Linear's layers (arXiv 2510.26692) with sigmoid gates of what is attended, experts on a narrower vector
// and soft limits of activations. Each half reads a mixture of the residual and of those that ended before, with
// weights that it computes for every token.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/model.h"
#include "model/parts/experts.h"
#include "model/parts/feed_forward.h"
#include "model/parts/kimi_delta.h"
#include "model/parts/latent_attention.h"

namespace loam {
namespace {

// Σ pᵢ·xᵢ over residuals x, p being the softmax of score·norm(xᵢ).
class ResidualMix {
 public:
  ResidualMix() = default;
  ResidualMix(const Weights& w, std::string_view name, int64_t dim, float epsilon)
      : score_(w.vector(name, {dim})), epsilon_(epsilon) {}

  Tensor operator()(Ops& f, const std::vector<Tensor>& ended, const Tensor& x) const {
    if (ended.empty()) return x;
    const Tensor out = f.head_part(x, x.shape.cols(), 0, x.shape.cols());
    ThreadPool& pool = f.context().pool;
    pool.run([&](int thread) {
      const auto [begin, end] = ThreadPool::split(x.shape.rows(), 1, thread, pool.size());
      std::vector<const float*> sources;
      for (int64_t row = begin; row < end; ++row) {
        sources.clear();
        for (const Tensor& source : ended) sources.push_back(source.row(row));
        sources.push_back(x.row(row));
        mix(sources, x.shape.cols(), out.row(row));
      }
    });
    return out;
  }

 private:
  float score(const float* x, int64_t n) const {
    double square = 0, sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      square += double{x[i]} * x[i];
      sum += double{x[i]} * score_.f32()[i];
    }
    return static_cast<float>(sum / std::sqrt(square / static_cast<double>(n) + epsilon_));
  }

  void mix(const std::vector<const float*>& sources, int64_t n, float* out) const {
    std::vector<float> weights;
    for (const float* source : sources) weights.push_back(score(source, n));
    const float most = *std::max_element(weights.begin(), weights.end());
    float sum = 0;
    for (float& weight : weights) sum += weight = std::exp(weight - most);
    std::fill_n(out, n, 0.0f);
    for (size_t s = 0; s < sources.size(); ++s)
      for (int64_t i = 0; i < n; ++i) out[i] += weights[s] / sum * sources[s][i];
  }

  Tensor score_;
  float epsilon_ = 0;
};

class KimiK3 final : public Model {
 public:
  explicit KimiK3(const Weights& w) : Model(w) {
    const ModelConfig& c = config_;
    block_ = w.metadata().integer(c.arch + ".attn_res.block_size", 0, INT32_MAX).value_or(0);
    bind_ends();
    norm_ = Norm(w, "output_norm", c.dim, NormKind::rms, c.norm_epsilon);
    if (block_ > 0) mix_ = ResidualMix(w, "output_res_score", c.dim, c.norm_epsilon);
    const KimiDeltaSizes sizes = delta_sizes();
    const LatentAttentionSpec attention = attention_spec();
    const Activation activation = activation_of(w.metadata());
    for (int i = 0; i < c.n_layers; ++i) {
      const Weights l = w.scope("blk", i);
      Layer layer = bind_layer(l);
      layer.mixer = bind_mixer(l, i, sizes, attention);
      layer.ffn = bind_ffn(l, i, activation);
      layers_.push_back(std::move(layer));
    }
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    std::vector<Tensor> ended;                      // residuals, (n_tokens, dim) each
    Tensor x = f.embed(ends_.embed, batch.tokens);  // (n_tokens, dim)
    for (int i = 0; i < config_.n_layers; ++i) {
      const bool ends = block_ > 0 && i % block_ == 0;
      const Tensor next = ends ? f.head_part(x, config_.dim, 0, config_.dim) : x;
      const Arena::Scope layer_memory(context.arena);
      run(f, layers_[static_cast<size_t>(i)], ended, x, ends ? next : Tensor{}, batch, cache);
      if (ends) ended.push_back(x), x = next;
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(mix_(f, ended, x), batch.logit_rows));
  }

 private:
  struct Layer {
    ResidualMix mix_before_mixer, mix_before_ffn;
    Norm before_mixer, before_ffn;
    std::unique_ptr<Mixer> mixer;
    std::unique_ptr<FeedForward> ffn;
  };

  // Where a residual ends, the layer's outputs begin the `next` one.
  static void run(Ops& f, const Layer& layer, const std::vector<Tensor>& ended, const Tensor& residual,
                  const Tensor& next, const Batch& batch, KvCache& cache) {
    Tensor x = residual;
    const Tensor mixed = layer.mixer->run(f, layer.before_mixer(f, layer.mix_before_mixer(f, ended, x)), batch, cache);
    std::vector<Tensor> sources = ended;
    if (next) {
      std::copy_n(mixed.f32(), mixed.shape.elements(), next.f32());
      sources.push_back(x);
      x = next;
    } else {
      f.add(x, mixed);
    }
    f.add(x, layer.ffn->run(f, layer.before_ffn(f, layer.mix_before_ffn(f, sources, x)), batch));
  }

  KimiDeltaSizes delta_sizes() const {
    const Metadata& metadata = weights().metadata();
    KimiDeltaSizes sizes = KimiDeltaSizes::read(metadata, config_);
    sizes.bound = static_cast<float>(metadata.number(config_.arch + ".kda.gate_lower_bound").value_or(0));
    sizes.factor = -1;
    return sizes;
  }

  LatentAttentionSpec attention_spec() const {
    const ModelConfig& c = config_;
    // The part of keys that elsewhere rotates is there, but stands still.
    const auto n_rotated = static_cast<size_t>(c.rope.n_rotated);
    return {.rope = {.n_rotated = c.rope.n_rotated, .inverse_frequencies = std::vector<float>(n_rotated / 2, 0.0f)},
            .scale = 1 / std::sqrt(static_cast<float>(c.mla.key_length > 0 ? c.mla.key_length : c.head_dim))};
  }

  Activation activation_of(const Metadata& metadata) const {
    const auto number = [&](const char* key) {
      return static_cast<float>(metadata.require_number(config_.arch + ".activation." + key));
    };
    const Activation activation{
        .kind = Activation::situ, .limit = number("situ_linear_beta"), .beta = number("situ_beta")};
    if (!(activation.beta > 0) || !std::isfinite(activation.beta) || !std::isfinite(activation.limit))
      throw Error(Error::Code::model_invalid, config_.arch + ".activation.situ_beta: is not above 0", "hparam@0");
    return activation;
  }

  Layer bind_layer(const Weights& l) const {
    const ModelConfig& c = config_;
    Layer layer;
    layer.before_mixer = Norm(l, "attn_norm", c.dim, NormKind::rms, c.norm_epsilon);
    layer.before_ffn = Norm(l, "ffn_norm", c.dim, NormKind::rms, c.norm_epsilon);
    if (block_ == 0) return layer;
    layer.mix_before_mixer = ResidualMix(l, "attn_res_score", c.dim, c.norm_epsilon);
    layer.mix_before_ffn = ResidualMix(l, "ffn_res_score", c.dim, c.norm_epsilon);
    return layer;
  }

  std::unique_ptr<Mixer> bind_mixer(const Weights& l, int i, const KimiDeltaSizes& sizes,
                                    LatentAttentionSpec attention) {
    if (config_.layer(i).n_kv_heads == 0) {
      StateSize size = KimiDelta::state_size(sizes);
      if (block_ > 0) size.activations += (config_.n_layers / block_ + 3) * config_.dim;  // and the residuals
      config_.keep_state(i, size);
      return std::make_unique<KimiDelta>(l, config_, i, sizes);
    }
    if (l.has("attn_gate")) attention.gate = AttentionGate::own;
    return std::make_unique<LatentAttention>(l, config_, i, attention);
  }

  std::unique_ptr<FeedForward> bind_ffn(const Weights& l, int i, const Activation& activation) const {
    const ModelConfig& c = config_;
    if (!c.has_experts(i))
      return std::make_unique<DenseFfn>(l, c.dim, c.layer(i).ffn_dim, FfnSpec{.activation = activation},
                                        c.norm_epsilon);
    ExpertsSpec experts = experts_of(c);
    experts.options.activation = activation;
    experts.latent = weights().metadata().integer(c.arch + ".expert_latent_length", 0, c.dim * 64).value_or(0);
    experts.latent_name = "ffn_routed";
    if (l.has("ffn_gate_shexp")) experts.shared = SharedExpert::plain;
    return std::make_unique<Experts>(l, c, i, experts);
  }

  int64_t block_ = 0;  // layers after each of which a residual ends; 0: none does
  ResidualMix mix_;
  Norm norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_kimi_k3(const Weights& weights) { return std::make_unique<KimiK3>(weights); }

}  // namespace loam
