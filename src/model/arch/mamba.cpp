// Mamba and FalconMamba: layers of selective scans, without attention and feed-forward parts. arXiv 2312.00752.
#include "model/parts/mamba.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_mamba(const Weights& w, ModelConfig& c) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/false);
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    c.keep_state(i, Mamba::state_size(ssm));
    spec.layers.push_back({.mixer = mixer_of<Mamba>(ssm), .no_ffn = true});
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_mamba(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_mamba); }

}  // namespace loam
