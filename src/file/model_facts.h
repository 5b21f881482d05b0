// Sizes that describe a model file: parameters, bits per weight, tensor types. Works on every GGUF.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "file/gguf.h"

namespace loam {

struct ModelFacts {
  std::string name, arch, licence;
  int64_t parameters = 0;
  int64_t active_parameters = 0;  // of mixture-of-experts models, per token; else all
  uint64_t tensor_bytes = 0;
  double bits_per_weight = 0;
  std::map<std::string_view, int64_t> tensors_by_type;
  std::string_view main_type;  // the tensor type that most weights have
};

ModelFacts model_facts(const GgufFile& file);

}  // namespace loam
