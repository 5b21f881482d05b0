// A Hugging Face folder with its weights, as if it were a GGUF file: metadata from its JSON files, tensors from its
// safetensors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "file/gguf.h"

namespace loam {

// Errors as read_hf_encoder, SafetensorsFile and safetensors_of_model, and Error(unsupported) naming a tensor of a type
// that loam has no code for. `file_bytes` counts the safetensors; `version` is 0.
std::unique_ptr<GgufFile> open_hf_folder(const std::string& folder, MapMode mode = MapMode::mapped);

// A model by its path: a folder as above, or else a GGUF file. `quant`, where it is not empty: the mix that its
// matrices become as they are read (quantised_file.h).
std::unique_ptr<GgufFile> open_model(const std::string& path, MapMode mode = MapMode::mapped,
                                     std::string_view quant = {});

}  // namespace loam
