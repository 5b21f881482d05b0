#include "model/parts/whole_text.h"

#include <memory>

namespace loam {
namespace {

class WholeTextAttention final : public Mixer {
 public:
  WholeTextAttention(const Weights& w, const ModelConfig& c, int layer, const EncoderAttentionSpec& spec)
      : attention_(w, c, layer, spec) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache&) const override {
    return attention_.run(f, x, batch);
  }

 private:
  const EncoderAttention attention_;
};

}  // namespace

BindMixer attend_to_whole_text(ModelConfig& config, const EncoderAttentionSpec& spec) {
  const ModelConfig seen = config;  // with the heads of keys that nothing keeps
  for (LayerConfig& layer : config.layers) layer.n_kv_heads = 0;
  return [=](const Weights& w, const ModelConfig&, int i) {
    return std::make_unique<WholeTextAttention>(w, seen, i, spec);
  };
}

}  // namespace loam
