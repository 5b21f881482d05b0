// Apertus: Llama 3's attention with an RMS norm on query and key heads, and a plain feed-forward layer with xIELU.
// arXiv 2509.14233.
#include <cmath>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

// One number for all layers, or one of each.
float xielu_number(const Metadata& m, const std::string& name, size_t layer) {
  const MetaValue* value = m.find(name);
  if (!value || value->type != MetaType::array) return static_cast<float>(m.number(name).value_or(0));
  const std::vector<double>& numbers = *m.numbers(name);
  if (layer < numbers.size()) return static_cast<float>(numbers[layer]);
  throw Error(Error::Code::model_invalid, name + ": has too few numbers for the layers", "hparam@0");
}

// Files keep both alphas before their softplus.
Activation xielu_of_layer(const Metadata& m, size_t i) {
  const auto softplus = [](float x) { return x > 20 ? x : std::log1p(std::exp(x)); };
  const float beta = xielu_number(m, "xielu.beta", i);
  return {.kind = Activation::xielu,
          .alpha_positive = softplus(xielu_number(m, "xielu.alpha_p", i)),
          .alpha_negative = beta + softplus(xielu_number(m, "xielu.alpha_n", i)),
          .beta = beta,
          .epsilon = xielu_number(m, "xielu.eps", i)};
}

DecoderSpec describe_apertus(const Weights& w, ModelConfig& c) {
  const AttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves),
                                .head_norms = {.over = HeadNormSpec::head}};
  DecoderSpec spec;
  for (size_t i = 0; i < c.layers.size(); ++i)
    spec.layers.push_back(
        {.attention = attention, .ffn = {.activation = xielu_of_layer(w.metadata(), i), .gated = false}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_apertus(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_apertus);
}

}  // namespace loam
