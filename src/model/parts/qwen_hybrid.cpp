#include "model/parts/qwen_hybrid.h"

#include <vector>

#include "model/parts/delta_net.h"

namespace loam {

DecoderSpec describe_qwen_hybrid(const Weights& w, ModelConfig& c, bool interleaved, const Activation& gate) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/true);
  const std::vector<int64_t>* recurrent = w.metadata().integers(c.arch + ".attention.recurrent_layers");
  const int64_t interval = w.metadata().integer(c.arch + ".full_attention_interval", 1, c.n_layers).value_or(4);
  const AttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves),
                                .head_norms = {.over = HeadNormSpec::head},
                                .gate = AttentionGate::in_query};
  DecoderSpec spec;
  spec.norms.before_ffn = "post_attention_norm";
  for (int i = 0; i < c.n_layers; ++i) {
    const auto at = static_cast<size_t>(i);
    const bool is_recurrent = recurrent && at < recurrent->size() ? (*recurrent)[at] != 0 : (i + 1) % interval != 0;
    LayerSpec layer{.attention = attention};
    if (is_recurrent) {
      c.keep_state(i, DeltaNet::state_size(ssm));
      layer.mixer = mixer_of<DeltaNet>(ssm, interleaved, gate);
    }
    spec.layers.push_back(layer);
  }
  return spec;
}

ExpertsSpec qwen_hybrid_experts(const ModelConfig& c) {
  ExpertsSpec experts = experts_of(c);
  if (c.expert_ffn_dim == 0) experts.ffn = c.ffn_dim / c.n_experts_used;
  experts.options.normalise = true;
  experts.options.scoring = Scoring::softmax;
  experts.shared = SharedExpert::gated;
  experts.shared_ffn = c.experts.shared_ffn_dim > 0 ? c.experts.shared_ffn_dim : c.ffn_dim;
  return experts;
}

}  // namespace loam
