#include "model/parts/feed_forward.h"

#include <vector>

namespace loam {

DenseFfn::DenseFfn(const Weights& w, int64_t dim, int64_t ffn, const FfnSpec& spec, float epsilon) : spec_(spec) {
  const auto name = [&](std::string_view part) { return std::string(part).append(spec.suffix); };
  if (spec.gated && !w.has(name("ffn_gate"))) {
    gate_ = w.linear(name("ffn_up"), {2 * ffn, dim}, {.first = 0, .n = ffn});
    up_ = w.linear(name("ffn_up"), {2 * ffn, dim}, {.first = ffn, .n = ffn});
  } else {
    if (spec.gated) gate_ = w.linear(name("ffn_gate"), {ffn, dim});
    up_ = w.linear(name("ffn_up"), {ffn, dim});
  }
  down_ = w.linear(name("ffn_down"), {dim, ffn});
  if (!spec.biases)
    for (Linear* linear : {&gate_, &up_, &down_}) linear->bias = {};
  if (!spec.inner_norm.empty()) inner_norm_ = Norm(w, spec.inner_norm, ffn, NormKind::rms, epsilon);
}

Tensor DenseFfn::run(Ops& f, const Tensor& x, const Batch&) const {
  if (spec_.inner_norm.empty())
    return spec_.gated ? f.gated_ffn(x, gate_, up_, down_, spec_.activation)
                       : f.plain_ffn(x, up_, down_, spec_.activation);
  Tensor hidden = f.linear(x, up_);
  hidden =
      spec_.gated ? f.activate(f.linear(x, gate_), hidden, spec_.activation) : f.activate(hidden, {}, spec_.activation);
  return f.linear(inner_norm_(f, hidden), down_);
}

}  // namespace loam
