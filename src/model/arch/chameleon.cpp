// Chameleon (text): Llama's layers with layer norms on every query and key head, norms behind a half instead of before
// it where the file says so, and no image tokens in what it writes. arXiv 2405.09818.
#include <algorithm>
#include <limits>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

constexpr int64_t kFirstImageToken = 4, kImageTokensEnd = 8196;  // of all Chameleons' vocabularies

DecoderSpec describe_chameleon(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent),
                                      .head_norms = {.over = HeadNormSpec::each_head, .kind = NormKind::layer}}};
  DecoderSpec spec{.layers = every_layer(c, layer)};
  if (w.metadata().boolean(c.arch + ".swin_norm").value_or(false))
    spec.norms = {.before_mixer = "", .after_mixer = "attn_norm", .before_ffn = "", .after_ffn = "ffn_norm"};
  return spec;
}

class Chameleon final : public Decoder {
 public:
  explicit Chameleon(const Weights& w) : Decoder(w, describe_chameleon) {}

 private:
  Tensor logits(Ops& f, const Tensor& hidden) const override {
    Tensor logits = Model::logits(f, hidden);
    const int64_t end = std::min(kImageTokensEnd, logits.shape.cols());
    for (int64_t row = 0; row < logits.shape.rows(); ++row)
      for (int64_t i = kFirstImageToken; i < end; ++i) logits.row(row)[i] = std::numeric_limits<float>::lowest();
    return logits;
  }
};

}  // namespace

std::unique_ptr<Model> make_chameleon(const Weights& weights) { return std::make_unique<Chameleon>(weights); }

}  // namespace loam
