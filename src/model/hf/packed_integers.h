// GPTQ's and AWQ's weights: integers of 4 or 8 bits in 32-bit words, with a scale and a zero point for each group of
// input features. Their values, scale · (integer − zero), are those of GGUF's block formats, so nothing is lost.
// Frantar et al. 2022, arXiv:2210.17323; Lin et al. 2023, arXiv:2306.00978.
#pragma once

#include <string>

#include "model/hf/config.h"
#include "model/hf/tensor_source.h"
#include "model/hf/weight_source.h"

namespace loam {

// Of "qweight", "qzeros", "scales" and, of GPTQ, "g_idx", the group of each input feature. Q4_0 where all integers less
// their zeros lie in [−8, 7], else Q5_0, and Q8_0 of 8 bits. Where groups are mixed within 32 input features
// (act-order) and `may_reorder`, the columns are sorted by their groups. F32 where that does not part the groups, where
// integers less zeros need more bits, or scales do not fit F16. Error(model_invalid) for shapes that do not fit one
// another and groups that there are not.
HfWeight packed_integers(const HfParameters& parameters, const HfQuantization& quantization, const std::string& module,
                         bool may_reorder);

}  // namespace loam
