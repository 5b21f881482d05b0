// Which tensor of a model gets which type: the mixes that people know from llama.cpp by names such as Q4_K_M.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "file/gguf.h"

namespace loam {

// A mix stores most matrices in one type and some, whose errors count more, in others.
struct QuantMix {
  std::string_view name;       // "Q4_K_M"
  DType type;                  // of most matrices
  int64_t file_type;           // general.file_type
  std::string_view about;      // in a few words
  bool needs_weights = false;  // of no use without an importance matrix
};

std::span<const QuantMix> quant_mixes();
const QuantMix* find_quant_mix(std::string_view name);  // in any case of letters; nullptr where there is none
// Error(invalid, where) with the names that there are.
const QuantMix& find_quant_mix_or_fail(std::string_view name, const std::string& where);

// The tensor type of this name ("q4_k"), in any case of letters.
std::optional<DType> find_dtype_named(std::string_view name);

// A mix applied to one model.
class MixRules {
 public:
  // `weighted`: whether an importance matrix is at hand; `pure`: one type for all matrices.
  MixRules(const QuantMix& mix, const GgufFile& file, bool weighted, bool pure);

  // Whether a tensor is a matrix that may lose precision: norms, routers, convolutions, positions and whatever is small
  // stays as it is.
  static bool is_quantised(const TensorInfo& tensor);
  // For a tensor that is. The rules are llama.cpp's: https://github.com/ggml-org/llama.cpp, src/llama-quant.cpp
  DType type_of(const TensorInfo& tensor) const;
  // `type`, or the nearest whose blocks fit rows of `cols`.
  static DType fitting(DType type, int64_t cols);

 private:
  struct Place;
  bool holds(unsigned conditions, const Place& place) const;

  const QuantMix& mix_;
  const bool weighted_, pure_;
  bool falcon_ = false, tied_ = true, seventy_ = false;
  int64_t n_layers_ = 0, n_experts_ = 0, heads_per_value_ = 0;
  std::vector<int64_t> value_layers_;  // layers that have a matrix of attention values, ascending
};

}  // namespace loam
