// Mamba-2: as Mamba, by state space duality. arXiv 2405.21060.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/mamba.h"

namespace loam {
namespace {

DecoderSpec describe_mamba2(const Weights& w, ModelConfig& c) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/true);
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    c.keep_state(i, Mamba2::state_size(ssm));
    spec.layers.push_back({.mixer = mixer_of<Mamba2>(ssm), .no_ffn = true});
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_mamba2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_mamba2);
}

}  // namespace loam
