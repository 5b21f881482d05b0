// sentence-transformers' Dense modules: matrices that a pooled vector goes through, each with files of its own.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "file/safetensors.h"
#include "model/hf/tensor_source.h"

namespace loam {

// Opens their safetensors behind `files` and adds dense_2 and dense_3, as GGUF calls them, with their sizes
// (`<arch>.dense_2_feat_in`, `_feat_out`) and what follows them (`_activation`, "tanh" or none). Nothing where
// modules.json names none. Error(unsupported) for more than two and for other activations, Error(model_invalid) naming
// the field or tensor that is missing or wrong.
void add_dense_modules(const std::string& folder, Metadata& metadata, std::deque<SafetensorsFile>& files,
                       std::vector<NamedSource>& tensors);

}  // namespace loam
