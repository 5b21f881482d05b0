#include "model/diffusion.h"

#include <algorithm>

#include "base/error.h"

namespace loam {

bool sees_whole_text(const ModelConfig& config) {
  return config.states.empty() &&
         std::ranges::all_of(config.layers, [](const LayerConfig& layer) { return layer.n_kv_heads == 0; });
}

DiffusionConfig DiffusionConfig::read(const Metadata& metadata, const ModelConfig& config) {
  constexpr const char* kMask = "tokenizer.ggml.mask_token_id";
  const auto mask = metadata.integer(kMask, 0, config.n_vocab - 1);
  if (!mask)
    throw Error(Error::Code::model_invalid,
                std::string("the file has no mask token, which this model writes with; say which it is: --override ") +
                    kMask + "=int:ID",
                kMask);
  // Where the file does not say, as llama.cpp has it.
  return {.mask = static_cast<int32_t>(*mask), .one_behind = metadata.boolean("diffusion.shift_logits").value_or(true)};
}

}  // namespace loam
