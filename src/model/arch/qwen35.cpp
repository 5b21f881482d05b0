// Qwen 3.5: Qwen3-Next's layers, dense. Text turns all parts of its M-RoPE alike, as one position does.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/qwen_hybrid.h"

namespace loam {
namespace {

DecoderSpec describe_qwen35(const Weights& w, ModelConfig& c) {
  return describe_qwen_hybrid(w, c, /*interleaved=*/true);
}

}  // namespace

std::unique_ptr<Model> make_qwen35(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_qwen35);
}

}  // namespace loam
