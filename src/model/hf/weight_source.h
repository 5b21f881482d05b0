// One weight of a Hugging Face model, however it is stored: plain, or as numbers of fewer bits with their scales.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/hf/config.h"
#include "model/hf/tensor_source.h"

namespace loam {

// A module's parameters by name: "weight", or "qweight" with "scales".
using HfParameters = std::map<std::string, StoredTensor>;

struct HfWeight {
  SourcePtr matrix;                       // (out, in)
  std::vector<int32_t> input_order = {};  // column k multiplies input order[k]; empty: input k
};

// `may_reorder`: whether inputs may stand in another order than their own. Error(unsupported) for types and forms that
// loam has no code for, Error(model_invalid) for parameters that do not fit one another; both name `module`.
HfWeight weight_source(const HfParameters& parameters, const HfQuantization& quantization, const std::string& module,
                       bool may_reorder);

}  // namespace loam
