// The encoder that most architectures are: an embedding, and layers of attention and a feed-forward half, each around a
// residual. A description says what these are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/encoder.h"
#include "model/parts/encoder_attention.h"
#include "model/parts/experts.h"
#include "model/parts/feed_forward.h"
#include "model/parts/norm.h"
#include "model/parts/rotation.h"

namespace loam {

struct EncoderLayerSpec {
  EncoderAttentionSpec attention = {};
  FfnSpec ffn = {};
  std::optional<ExpertsSpec> experts = {};  // instead of a dense layer
};

// All of a model's layers alike.
inline std::vector<EncoderLayerSpec> every_encoder_layer(const ModelConfig& config, const EncoderLayerSpec& layer) {
  return std::vector(static_cast<size_t>(config.n_layers), layer);
}

struct EncoderSpec {
  std::vector<EncoderLayerSpec> layers = {};  // [n_layers]
  NormKind norm = NormKind::layer;
  // x + half(norm(x)), by attn_norm, which the first layer may lack, and ffn_norm. Else layer norms norm(x + half(x))
  // with biases, by attn_output_norm and layer_output_norm; where the file has attn_norm_2, the first half's is that of
  // x and the first norm.
  bool norms_first = false;
  bool norms_outputs = false;  // x + norm(half(norm(x))), with post_attention_norm and post_ffw_norm as well
  bool positions = false;      // position_embd is added to the embedding
  bool types = false;          // likewise token_types, where the file has them
  std::string_view embedding_norm = "token_embd_norm", output_norm = "";  // "": none
  float embedding_scale = 1;
  std::string_view layer_scope = "blk";  // before a layer's number
};

// Llama's: layers alike, RMS norms before each half and behind the last layer, none of the embeddings.
EncoderSpec llama_encoder(const ModelConfig& config, const EncoderLayerSpec& layer);

class TextEncoder final : public Encoder {
 public:
  // A description may complete the config. `w` is the whole model's.
  using Describe = EncoderSpec (*)(const Weights& w, ModelConfig& config);

  // Errors as Encoder and Weights.
  TextEncoder(const Weights& w, Describe describe, const ScoreHeadSpec& head = {});

 private:
  // Behind a half, of its output added to the residual.
  struct SumNorm {
    Tensor weight, bias;
  };
  struct Layer {
    std::unique_ptr<EncoderAttention> attention;
    std::unique_ptr<FeedForward> ffn;
    Norm before_attention, of_attention, before_ffn, of_ffn;
    SumNorm after_attention, again, after_ffn;
    Tensor experts_bias;  // of what the experts give together: ffn_exps.bias, which the file may lack
  };

  Norm bind_norm(const Weights& w, std::string_view name) const;
  SumNorm bind_sum_norm(const Weights& w, std::string_view name) const;
  Layer bind_layer(const Weights& w, int i) const;
  Tensor embed_tokens(Ops& f, const Batch& batch, std::span<const int32_t> types) const;
  void add_norm(Ops& f, Tensor& x, const Tensor& y, const SumNorm& norm) const;
  Tensor run_ffn(Ops& f, const Layer& layer, const Tensor& x, const Batch& batch) const;
  void run(Ops& f, const Layer& layer, Tensor& x, const Batch& batch) const;
  Tensor forward(Context& context, const Batch& batch, std::span<const int32_t> types) const override;

  const EncoderSpec spec_;
  Tensor tokens_, positions_, types_;
  Norm embedding_norm_, output_norm_;
  std::vector<Layer> layers_;
};

}  // namespace loam
