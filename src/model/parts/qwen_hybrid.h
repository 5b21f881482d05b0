// What Qwen3-Next and Qwen 3.5 share: gated delta-nets, and between them layers that attend with gated queries.
#pragma once

#include "model/parts/decoder.h"

namespace loam {

// Dense layers. `<arch>.attention.recurrent_layers` says which have a state; where it is absent, all but every
// `full_attention_interval`-th (4th). `interleaved` and `gate`: see DeltaNet. Errors as SsmConfig::read and DeltaNet.
DecoderSpec describe_qwen_hybrid(const Weights& w, ModelConfig& config, bool interleaved, const Activation& gate = {});

// Softmax-routed experts whose chosen weights sum to one, and a gated one for every token.
ExpertsSpec qwen_hybrid_experts(const ModelConfig& config);

}  // namespace loam
