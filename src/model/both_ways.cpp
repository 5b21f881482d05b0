#include "model/both_ways.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/parts/rotation.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

// Their layers: gated, RMS norms before each half, rotated queries and keys, which Qwen3 norms.
EncoderSpec describe_layers(const Weights& w, ModelConfig& c, RopePairs pairs, bool head_norms) {
  EncoderLayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, pairs)}, .ffn = {.activation = {Activation::silu}}};
  if (head_norms) layer.attention.head_norms = {.over = HeadNormSpec::head};
  return llama_encoder(c, layer);
}

struct BothWays {
  std::string_view arch;
  TextEncoder::Describe describe;
};
constexpr BothWays kBothWays[] = {
    {"llama", [](const Weights& w, ModelConfig& c) { return describe_layers(w, c, RopePairs::adjacent, false); }},
    {"qwen2", [](const Weights& w, ModelConfig& c) { return describe_layers(w, c, RopePairs::halves, false); }},
    {"qwen3", [](const Weights& w, ModelConfig& c) { return describe_layers(w, c, RopePairs::halves, true); }}};

std::string causal_key(const Metadata& metadata) {
  return std::string(metadata.require_string("general.architecture")) + ".attention.causal";
}

}  // namespace

bool sees_both_ways(const Metadata& metadata) {
  return Encoder::is_encoder(metadata) && !metadata.boolean(causal_key(metadata)).value_or(true);
}

std::unique_ptr<Encoder> make_both_ways(const Weights& weights) {
  const std::string_view arch = weights.metadata().require_string("general.architecture");
  const bool dense = weights.metadata().integer(fmt::format("{}.expert_count", arch)).value_or(0) == 0;
  for (const BothWays& known : kBothWays)
    if (known.arch == arch && dense)
      return std::make_unique<TextEncoder>(weights, known.describe, ScoreHeadSpec{.pooling = Pooling::last});
  const std::string key = causal_key(weights.metadata());
  throw Error(Error::Code::unsupported,
              fmt::format("{} is false; loam runs llama, qwen2 and qwen3 without experts so, and {}{} with tokens that "
                          "see those before them",
                          key, arch, dense ? "" : " with experts"),
              fmt::format("hparam@{}", weights.metadata().find(key)->offset));
}

}  // namespace loam
