// The tensors of a Hugging Face language model under the names and in the forms that GGUF gives them.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "file/safetensors.h"
#include "model/hf/config.h"
#include "model/hf/tensor_source.h"

namespace loam {

// Of all files of a folder, which must outlive the sources. Error(unsupported) naming a tensor that loam has no code
// for, Error(model_invalid) naming those that do not fit one another.
std::vector<NamedSource> decoder_tensors(const HfConfig& config, const std::deque<SafetensorsFile>& files);

}  // namespace loam
