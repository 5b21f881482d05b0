#include "model/parts/norm.h"

namespace loam {

Norm::Norm(const Weights& w, std::string_view name, int64_t n, NormKind kind, float epsilon)
    : none_(false), kind_(kind), weight_(w.vector(name, {n})), epsilon_(epsilon) {
  if (w.has(name, "bias")) bias_ = w.vector(name, {n}, "bias");
}

Norm::Norm(NormKind kind, float epsilon) : none_(false), kind_(kind), epsilon_(epsilon) {}

Tensor Norm::operator()(Ops& f, const Tensor& x) const {
  if (none_) return x;
  if (kind_ == NormKind::layer) return f.layer_norm(x, weight_, bias_, epsilon_);
  Tensor out = f.rms_norm(x, weight_, epsilon_);
  if (bias_) f.add_to_rows(out, bias_);
  return out;
}

HeadNorm::HeadNorm(const Weights& w, std::string_view name, int64_t n_heads, int64_t head_dim, const HeadNormSpec& spec,
                   float epsilon)
    : kind_(spec.kind), epsilon_(epsilon) {
  if (spec.over == HeadNormSpec::none || (spec.optional && !w.has(name))) return;
  width_ = spec.over == HeadNormSpec::row ? n_heads * head_dim : head_dim;
  if (!spec.weighted) return;
  const Shape shape = spec.over == HeadNormSpec::each_head ? Shape{n_heads, head_dim} : Shape{width_};
  weight_ = w.vector(name, shape);
  if (kind_ == NormKind::layer && w.has(name, "bias")) bias_ = w.vector(name, shape, "bias");
}

void HeadNorm::operator()(Ops& f, Tensor& x) const {
  if (width_ == 0) return;
  if (kind_ == NormKind::rms)
    f.head_norm(x, weight_, width_, epsilon_);
  else
    f.head_layer_norm(x, weight_, bias_, width_, epsilon_);
}

}  // namespace loam
