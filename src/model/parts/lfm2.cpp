#include "model/parts/lfm2.h"

#include "model/parts/short_convolution.h"
#include "model/ssm_config.h"

namespace loam {

DecoderSpec describe_lfm2(const Weights& w, ModelConfig& c) {
  const int kernel = short_convolution_kernel(w.metadata());
  const AttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves),
                                .head_norms = {.over = HeadNormSpec::head}};
  DecoderSpec spec;
  spec.output_norm = "token_embd_norm";
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec layer{.attention = attention};
    if (c.layer(i).n_kv_heads == 0) {
      c.keep_state(i, ShortConvolution::state_size(c, kernel));
      layer.mixer = mixer_of<ShortConvolution>(kernel);
    }
    c.layer(i).sliding = c.sliding_window > 0 && c.layer(i).n_kv_heads > 0;
    spec.layers.push_back(layer);
  }
  return spec;
}

}  // namespace loam
