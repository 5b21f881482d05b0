// Llama 4: three layers that see a chunk of the text to each that sees everything and rotates nothing, unweighted norms
// of rotated heads, and experts whose inputs are weighed by sigmoids, beside a shared one. Meta, The Llama 4 herd,
// 2025.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

constexpr int kChunk = 8192;
constexpr int kRotatedPeriod = 4;        // of so many layers the last rotates nothing
constexpr int kExpertsOfMaverick = 128;  // whose heads are not normed

// Files that say 0 see everything everywhere.
bool sees_chunks(const Weights& w, const ModelConfig& c) {
  return w.metadata().integer(c.arch + ".attention.sliding_window").value_or(kChunk) != 0;
}

DecoderSpec describe_llama4(const Weights& w, ModelConfig& c) {
  const bool chunks = sees_chunks(w, c);
  c.sliding_window = chunks ? kChunk : 0;
  c.window_is_chunk = chunks;
  c.slide_by_default(kRotatedPeriod);
  const int period = chunks ? kRotatedPeriod : c.n_layers;
  const Rope rope = bind_rope(w, c.rope, RopePairs::adjacent);
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec& layer = spec.layers.emplace_back();
    if ((i + 1) % period != 0) {
      layer.attention.rope = rope;
      if (c.n_experts != kExpertsOfMaverick)
        layer.attention.head_norms = {.over = HeadNormSpec::head, .weighted = false, .after_rope = true};
    } else if (chunks) {
      layer.attention.temperature = {.length = kChunk, .scale = 0.1f, .offset = 1};
    }
    if (c.experts.every_n_layers == 0 || !c.has_experts(i)) continue;
    ExpertsSpec& experts = layer.experts.emplace(experts_of(c));
    experts.options.normalise = false;
    experts.options.scoring = Scoring::sigmoid_of_chosen;
    experts.options.weigh_input = true;
    experts.shared = SharedExpert::plain;
    experts.shared_ffn = experts.ffn;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_llama4(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_llama4);
}

}  // namespace loam
