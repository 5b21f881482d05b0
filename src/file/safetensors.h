// The headers of safetensors files: names, types and shapes of tensors, without their data.
// Format: https://github.com/huggingface/safetensors#format
#pragma once

#include <map>
#include <string>

#include "tensor/tensor.h"

namespace loam {

struct SafetensorsInfo {
  std::string dtype;  // as in the file: "BF16"
  Shape shape;
};
using SafetensorsHeader = std::map<std::string, SafetensorsInfo, std::less<>>;

// Adds the tensors of one file. Error(model_invalid, "safetensors@<offset>") naming the file, where its header is not
// one.
void read_safetensors_header(const std::string& path, SafetensorsHeader& tensors);
// The tensors of all `*.safetensors` files of a folder; empty where it has none.
SafetensorsHeader read_safetensors_folder(const std::string& folder);

}  // namespace loam
