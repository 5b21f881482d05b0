// ModernBERT: norms before each half, gated feed-forward layers, no biases, and windows in two layers of three, which
// turn positions faster. Warner et al., arXiv 2412.13663.
#include <string>
#include <string_view>

#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

constexpr int kDefaultPeriod = 3;
constexpr double kDefaultSlidingBase = 10000;

// Of as many layers as the file's one number says the first sees everything; a list says so of each layer.
void choose_sliding_layers(const Weights& w, ModelConfig& c) {
  const std::string key = c.arch + ".attention.sliding_window_pattern";
  const MetaValue* pattern = w.metadata().find(key);
  if (pattern && pattern->type == MetaType::array) return;
  c.has_sliding_pattern = false;
  c.slide_by_default(static_cast<int>(w.metadata().integer(key, 1, INT32_MAX).value_or(kDefaultPeriod)),
                     /*full_first=*/true);
}

EncoderSpec describe_modern_bert(const Weights& w, ModelConfig& c) {
  choose_sliding_layers(w, c);
  if (c.sliding_rope_base == 0) c.sliding_rope.base = kDefaultSlidingBase;
  const bool silu = w.metadata().string(c.arch + ".hidden_activation").value_or("") == "silu";
  EncoderLayerSpec full{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                        .ffn = {.activation = {silu ? Activation::silu : Activation::gelu_erf}}};
  EncoderLayerSpec sliding = full;
  sliding.attention.rope = bind_rope(w, c.sliding_rope, RopePairs::halves);
  sliding.attention.window = c.sliding_window / 2;  // to each side
  EncoderSpec spec{.norms_first = true, .output_norm = "output_norm"};
  for (int i = 0; i < c.n_layers; ++i) spec.layers.push_back(c.window(i) > 0 ? sliding : full);
  return spec;
}

}  // namespace

std::unique_ptr<Encoder> make_modern_bert(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_modern_bert,
                                       ScoreHeadSpec{.gelu = true, .pooling = Pooling::mean});
}

}  // namespace loam
