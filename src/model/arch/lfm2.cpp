// LFM2 (Liquid AI): short convolutions, and layers that attend with an RMS norm on every query and key head.
#include "model/parts/lfm2.h"
#include "model/arch/list.h"

namespace loam {

std::unique_ptr<Model> make_lfm2(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_lfm2); }

}  // namespace loam
