// Models of text whose tokens see all of their text, those behind them, too: embedders that were made of them.
#pragma once

#include <memory>

#include "model/encoder.h"

namespace loam {

// LLM2Vec (arXiv 2404.05961), NV-Embed (arXiv 2405.17428), gte-Qwen2: a model that makes vectors
// (Encoder::is_encoder) and whose file says so: `<arch>.attention.causal` is false.
bool sees_both_ways(const Metadata& metadata);

// One of llama, qwen2 and qwen3, with dense layers. Error(unsupported) for others.
std::unique_ptr<Encoder> make_both_ways(const Weights& weights);

}  // namespace loam
