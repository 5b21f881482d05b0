// A model that is only known by Hugging Face's config.json, as if it were a GGUF file: metadata and tensors without
// data.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "file/gguf.h"

namespace loam {

// How the weights are assumed to be stored.
enum class WeightType { f32, f16, bf16, q8_0, q4_k_m };

std::optional<WeightType> find_weight_type(std::string_view name);  // "q4_k_m"

// Whether a path names a config.json or a folder with one.
bool is_hf_model(const std::string& path);

// `path` as above; `type`: instead of the config's own torch_dtype. Where safetensors or GGUF files stand beside the
// config, their headers are held against it. Errors as read_hf_config, and Error(model_invalid) naming each field that
// contradicts the tensors. `bytes` of the result throws: there are none.
std::unique_ptr<GgufFile> describe_hf_model(const std::string& path, std::optional<WeightType> type);

}  // namespace loam
