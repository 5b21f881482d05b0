// A dense feed-forward layer: gated (Shazeer, arXiv 2002.05202) or plain, with any activation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/parts/mixer.h"
#include "model/parts/norm.h"
#include "model/weights.h"

namespace loam {

struct FfnSpec {
  Activation activation = {};
  bool gated = true;
  bool biases = true;                // where the file has them
  std::string_view suffix = "";      // of the tensors' names: "_shexp" of a shared expert
  std::string_view inner_norm = "";  // of what the down projection reads
};

// down(f(gate(x)) · up(x)), or down(f(up(x))). Tensors ffn_gate, ffn_up and ffn_down; without ffn_gate a gated layer's
// ffn_up holds the gate's rows and then its own. Biases where the file has them.
class DenseFfn final : public FeedForward {
 public:
  // `w` is the layer's, `ffn` the number of hidden features. Errors as Weights.
  DenseFfn(const Weights& w, int64_t dim, int64_t ffn, const FfnSpec& spec, float epsilon);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch) const override;

 private:
  const FfnSpec spec_;
  Linear gate_, up_, down_;
  Norm inner_norm_;
};

}  // namespace loam
