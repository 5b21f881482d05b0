// The checks of the engine's options, each with the option's name and its range.
#pragma once

#include "engine/engine.h"

namespace loam {

inline constexpr int kMaxChunk = 1 << 16;
inline constexpr int64_t kMaxContext = int64_t{1} << 28;

// Error(invalid) where `value` is not in [min, max].
void check_option(const char* name, int64_t value, int64_t min, int64_t max);
// Error(invalid) where a model of `n_experts` has no such number of experts to use.
void check_experts(int experts, int64_t n_experts);
// Error(invalid) where the weight or the priority is none.
void check_share(const StartOptions& options);
// The options with the chunk that suits the model, where none is given.
EngineOptions with_chunk(EngineOptions options, const ModelConfig& config);
// Rows of logits that a step may hold beside those of new tokens: 32 MiB.
int64_t logit_rows_at_once(const ModelConfig& config);
// The biases as the routers take them: [layer][expert]. Error(invalid) for layers or experts that are none.
std::vector<std::vector<float>> router_biases(const ModelConfig& config, const std::vector<ExpertBias>& biases);

}  // namespace loam
