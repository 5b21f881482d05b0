// A model whose matrices are quantised as they are read (--quant): what `loam quantize` would write, without the file.
#pragma once

#include <memory>
#include <string_view>

#include "file/gguf.h"

namespace loam {

// `mix` names one of quant_mixes(), in any case of letters. Error(invalid, "--quant") where there is none of that name,
// where it needs an importance matrix, and for a model that is quantised already.
std::unique_ptr<GgufFile> quantised(std::unique_ptr<GgufFile> file, std::string_view mix);

}  // namespace loam
