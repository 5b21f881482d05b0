// Hugging Face's config.json, read as the hyperparameters that a GGUF file of the same model would have.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "file/metadata.h"
#include "model/tensor_list.h"

namespace loam {

// Divisors of the rotary frequencies, which a GGUF file has as tensors. [n_rotated / 2] each; empty where there are
// none.
struct RopeDivisors {
  std::vector<float> all;            // Llama-3: whatever the context
  std::vector<float> short_, long_;  // LongRoPE: within the trained length, and beyond it
};

// How matrices are stored that are neither F32, F16 nor BF16.
struct HfQuantization {
  enum class Method { none, gptq, awq, fp8 };
  Method method = Method::none;
  int bits = 0;                                // of an integer
  bool zero_is_stored = true;                  // GPTQ's first form stores each zero point less one
  int64_t block_rows = 128, block_cols = 128;  // that share a scale, of 8-bit floating point
};

struct HfConfig {
  Metadata metadata;         // GGUF's keys
  std::vector<Part> parts;   // of the model
  DType dtype = DType::f16;  // of its weights (torch_dtype)
  std::string model_type;
  bool tied = false;  // the output head is the embedding
  RopeDivisors rope_divisors;
  HfQuantization quantization;
};

// Of llama, mistral, mixtral, qwen2, qwen2_moe, qwen3, qwen3_moe, gemma2, gemma3 (its text model), phi3, deepseek_v2
// and deepseek_v3; and of the encoders eurobert, llama_bidirec and gemma3 with use_bidirectional_attention, whose
// layers are such models'. Error(model_invalid) that names every field that is missing, out of range, or contradicts
// another; Error(unsupported) for other kinds of models. `where` of errors is `origin`.
HfConfig read_hf_config(std::string_view json, const std::string& origin);

}  // namespace loam
