// The model that most architectures are: an embedding, layers of two halves around a residual, a norm and a head. A
// description says what these are.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "model/model.h"
#include "model/parts/attention.h"
#include "model/parts/experts.h"
#include "model/parts/feed_forward.h"
#include "model/parts/mixer.h"
#include "model/parts/norm.h"
#include "model/parts/rotation.h"

namespace loam {

// The names of a layer's norms; "" for none.
struct LayerNorms {
  std::string_view before_mixer = "attn_norm";
  std::string_view after_mixer = "";
  std::string_view before_ffn = "ffn_norm";
  std::string_view after_ffn = "";
};

// Binds a part of layer i; `w` is the layer's.
using BindMixer = std::function<std::unique_ptr<Mixer>(const Weights& w, const ModelConfig& config, int i)>;
using BindFeedForward = std::function<std::unique_ptr<FeedForward>(const Weights& w, const ModelConfig& config, int i)>;

// One that is made of its layer's weights and `args`.
template <class M, class... Args>
BindMixer mixer_of(Args... args) {
  return [=](const Weights& w, const ModelConfig& config, int i) { return std::make_unique<M>(w, config, i, args...); };
}

struct LayerSpec {
  AttentionSpec attention = {};
  BindMixer mixer = {};  // instead of attention
  FfnSpec ffn = {};
  std::optional<ExpertsSpec> experts = {};  // instead of a dense layer
  BindFeedForward feed_forward = {};        // instead of either
  bool no_ffn = false;                      // the mixer is all that there is
};

// All of a model's layers alike.
inline std::vector<LayerSpec> every_layer(const ModelConfig& config, const LayerSpec& layer) {
  return std::vector(static_cast<size_t>(config.n_layers), layer);
}

struct DecoderSpec {
  std::vector<LayerSpec> layers = {};  // [n_layers]
  NormKind norm = NormKind::rms;
  bool weighted_norms = true;
  LayerNorms norms = {};
  float after_epsilon = 0;  // of the norms after a half; 0: as the others
  // x + mixer(norm(x)) + ffn(norm(x)), each with its own norm, or one where both have the same name; else
  // y = x + mixer(norm(x)), y + ffn(norm(y)).
  bool parallel = false;
  bool positions = false;  // position_embd is added to the embedding
  bool head_bias = true;   // of the logits, where the file has one
  std::string_view embedding_norm = "";
  bool norms_embedding = false;  // without weights
  std::string_view output_norm = "output_norm";
  float embedding_scale = 1, residual_scale = 1, logit_scale = 1;
  float final_softcap = 0;  // of the logits; 0: none
};

class Decoder : public Model {
 public:
  // A description may complete the config, which the KV cache is laid out by. `w` is the whole model's.
  using Describe = DecoderSpec (*)(const Weights& w, ModelConfig& config);

  // Errors as Model and Weights.
  Decoder(const Weights& w, Describe describe);

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override;

 private:
  struct Layer {
    Norm before_mixer, after_mixer, before_ffn, after_ffn;
    std::unique_ptr<Mixer> mixer;
    std::unique_ptr<FeedForward> ffn;  // null where the layer has none
  };

  Norm bind_norm(const Weights& w, std::string_view name, float epsilon = 0) const;
  Layer bind_layer(const Weights& w, int i) const;
  std::unique_ptr<FeedForward> bind_ffn(const Weights& w, int i) const;
  Tensor logits(Ops& f, const Tensor& hidden) const override;
  Tensor embed(Ops& f, const Batch& batch) const;
  void run(Context& context, const Layer& layer, Tensor& x, const Batch& batch, KvCache& cache) const;
  void run_parallel(Context& context, const Layer& layer, Tensor& x, const Batch& batch, KvCache& cache) const;
  void add(Ops& f, Tensor& x, Tensor y) const;

  const DecoderSpec spec_;
  Tensor positions_;
  Norm embedding_norm_, norm_;
  std::vector<Layer> layers_;
};

}  // namespace loam
