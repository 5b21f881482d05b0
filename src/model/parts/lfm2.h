// What LFM2 and its mixture of experts share.
#pragma once

#include "model/parts/decoder.h"

namespace loam {

// Short convolutions in layers without heads of keys; the others attend, to a window where the file has one. Dense.
DecoderSpec describe_lfm2(const Weights& w, ModelConfig& config);

}  // namespace loam
