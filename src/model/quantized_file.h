// A model file whose matrices become another block format as they are read (--quant).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "file/gguf.h"

namespace loam {

// "q4_k" or "Q4_K". Error(invalid) listing the types that loam encodes.
DType parse_quant_type(std::string_view name);

// The same model with its matrices in `type`, or in the closest larger type with blocks that fit their rows. Vectors,
// routers, embeddings that are only looked up, and matrices that have fewer bits already stay as they are.
std::unique_ptr<GgufFile> quantized(std::unique_ptr<GgufFile> file, DType type);

}  // namespace loam
