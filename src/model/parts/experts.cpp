#include "model/parts/experts.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"

namespace loam {
namespace {

Scoring scoring_of(ExpertGating gating) {
  switch (gating) {
    case ExpertGating::sigmoid: return Scoring::sigmoid;
    case ExpertGating::softmax_of_chosen: return Scoring::softmax_of_chosen;
    case ExpertGating::sqrt_softplus: return Scoring::sqrt_softplus;
    default: return Scoring::softmax;
  }
}

}  // namespace

ExpertsSpec experts_of(const ModelConfig& c) {
  ExpertsSpec spec;
  spec.ffn = c.expert_ffn_dim > 0 ? c.expert_ffn_dim : c.ffn_dim;
  spec.options = {.n_used = c.n_experts_used,
                  .normalise = c.expert_weights_norm,
                  .weight_scale = c.expert_weights_scale,
                  .scoring = scoring_of(c.experts.gating),
                  .n_groups = c.experts.n_groups,
                  .n_groups_used = c.experts.n_groups_used};
  const int64_t n_shared = std::max(1, c.experts.n_shared);
  spec.shared_ffn = c.experts.shared_ffn_dim > 0 ? c.experts.shared_ffn_dim : n_shared * spec.ffn;
  return spec;
}

Activation bounded_silu(const Weights& w, const ModelConfig& c, int i) {
  const std::string key = c.arch + ".swiglu_clamp_exp";
  const MetaValue* value = w.metadata().find(key);
  if (!value) return {};
  const bool one = value->type != MetaType::array;
  const std::vector<double> limits = one ? std::vector{*w.metadata().number(key)} : *w.metadata().numbers(key);
  const size_t at = one ? 0 : static_cast<size_t>(i);
  const double limit = at < limits.size() ? limits[at] : 0;
  if (limit <= 0) return {};
  return {.kind = Activation::swiglu_limited, .limit = static_cast<float>(limit)};
}

Experts::Experts(const Weights& w, const ModelConfig& c, int layer, const ExpertsSpec& spec)
    : spec_(spec), options_(spec.options) {
  if (c.n_experts == 0) throw Error(Error::Code::model_invalid, c.arch + ".expert_count: is missing or 0", "hparam@0");
  options_.layer = layer;
  const int64_t width = spec.latent > 0 ? spec.latent : c.dim;
  weights_.router = w.matrix("ffn_gate_inp", {c.n_experts, c.dim});
  bind_experts(w, c.n_experts, width);
  bind_biases(w, c.n_experts, width);
  if (spec.latent > 0) {
    const std::string name(spec.latent_name);
    latent_down_ = w.linear(name + "_down", {width, c.dim});
    latent_up_ = w.linear(name + "_up", {c.dim, width});
    if (w.has(name + "_norm")) latent_norm_ = Norm(w, name + "_norm", width, NormKind::rms, c.norm_epsilon);
  }
  if (spec.shared == SharedExpert::none) return;
  const FfnSpec shared{
      .activation = spec.shared_activation.value_or(options_.activation), .gated = spec.gated, .suffix = "_shexp"};
  shared_.emplace(w, c.dim, spec.shared_ffn, shared, c.norm_epsilon);
  if (spec.shared == SharedExpert::gated) shared_gate_ = w.linear("ffn_gate_inp_shexp", {1, c.dim});
}

void Experts::bind_experts(const Weights& w, int64_t n, int64_t dim) {
  const int64_t ffn = spec_.ffn;
  if (w.has("ffn_gate_up_exps")) {
    weights_.gate = w.matrix("ffn_gate_up_exps", {n, 2 * ffn, dim}, {.first = 0, .n = ffn});
    weights_.up = w.matrix("ffn_gate_up_exps", {n, 2 * ffn, dim}, {.first = ffn, .n = ffn});
  } else {
    if (spec_.gated) weights_.gate = w.matrix("ffn_gate_exps", {n, ffn, dim});
    weights_.up = w.matrix("ffn_up_exps", {n, ffn, dim});
  }
  weights_.down = w.matrix("ffn_down_exps", {n, dim, ffn});
}

void Experts::bind_biases(const Weights& w, int64_t n, int64_t dim) {
  const auto bias = [&](std::string_view name, Shape shape) {
    return w.has(name, "bias") ? w.vector(name, shape, "bias") : Tensor{};
  };
  weights_.router_bias = bias("ffn_gate_inp", {n});
  weights_.gate_bias = bias("ffn_gate_exps", {n, spec_.ffn});
  weights_.up_bias = bias("ffn_up_exps", {n, spec_.ffn});
  weights_.down_bias = bias("ffn_down_exps", {n, dim});
  weights_.selection_bias = bias("exp_probs_b", {n});
  if (w.has("exp_probs_b", "")) weights_.selection_bias = w.vector("exp_probs_b", {n}, "");
}

Tensor Experts::run(Ops& f, const Tensor& x, const Batch& batch, const Tensor& routed) const {
  Tensor out;
  if (spec_.latent > 0)
    out = f.linear(
        latent_norm_(f, f.moe(f.linear(x, latent_down_), weights_, options_, batch.spans, routed ? routed : x)),
        latent_up_);
  else
    out = f.moe(x, weights_, options_, batch.spans, routed);
  if (!shared_) return out;
  Tensor shared = shared_->run(f, x, batch);
  if (shared_gate_.weight) f.multiply(shared, f.activate(f.linear(x, shared_gate_), {}, {Activation::sigmoid}));
  f.add(out, shared);
  return out;
}

}  // namespace loam
