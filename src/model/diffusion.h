// Models that see a whole text at once, ahead as much as behind, and write one by filling in masked tokens: LLaDA
// (arXiv 2502.09992), Dream (arXiv 2508.15487).
#pragma once

#include <cstdint>

#include "file/metadata.h"
#include "model/model_config.h"

namespace loam {

// Whether it keeps nothing of a text, neither keys and values nor a state: each text is computed whole, every time.
bool sees_whole_text(const ModelConfig& config);

struct DiffusionConfig {
  int32_t mask = 0;         // the token that stands for one that is not known yet
  bool one_behind = false;  // a row's logits tell the token after it, not its own

  // Of `tokenizer.ggml.mask_token_id` and `diffusion.shift_logits`. Error(model_invalid) where there is no mask.
  static DiffusionConfig read(const Metadata& metadata, const ModelConfig& config);
};

}  // namespace loam
