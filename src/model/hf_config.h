// Hugging Face's config.json, read as the hyperparameters that a GGUF file of the same model would have.
#pragma once

#include <string>
#include <string_view>

#include "file/metadata.h"
#include "model/tensor_list.h"

namespace loam {

struct HfConfig {
  Metadata metadata;         // GGUF's keys; as far as memory and speed depend on them
  std::vector<Part> parts;   // of the model
  DType dtype = DType::f16;  // of its weights (torch_dtype)
};

// Of qwen2, qwen3, qwen3_moe, llama, mistral and gemma3 (its text model). Error(model_invalid) that names every field
// that is missing, out of range, or contradicts another; Error(unsupported) for other kinds of models. `where` of
// errors is `origin`.
HfConfig read_hf_config(std::string_view json, const std::string& origin);

}  // namespace loam
