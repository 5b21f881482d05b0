// One weight of a Hugging Face model, however it is stored: plain, or as numbers of fewer bits with their scales.
#pragma once

#include <map>
#include <string>

#include "model/hf/config.h"
#include "model/hf/tensor_source.h"

namespace loam {

// A module's parameters by name: "weight", or "qweight" with "scales".
using HfParameters = std::map<std::string, StoredTensor>;

// Shape (out, in). Error(unsupported) for types and forms that loam has no code for, Error(model_invalid) for
// parameters that do not fit one another; both name `module`.
SourcePtr weight_source(const HfParameters& parameters, const HfQuantization& quantization, const std::string& module);

}  // namespace loam
