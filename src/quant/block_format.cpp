#include "quant/block_format.h"

#include <algorithm>

#include "quant/list.h"

namespace loam {

const BlockFormat* find_format(DType type) {
  const auto* found = std::find_if(std::begin(kBlockFormats), std::end(kBlockFormats),
                                   [type](const BlockFormat& format) { return format.type == type; });
  return found == std::end(kBlockFormats) ? nullptr : found;
}

std::span<const BlockFormat> block_formats() { return kBlockFormats; }

}  // namespace loam
