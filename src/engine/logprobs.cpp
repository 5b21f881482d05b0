#include "engine/logprobs.h"

#include <algorithm>
#include <cmath>

#include "engine/sampler/candidates.h"

namespace loam {
namespace {

constexpr float kLeast = -9999;  // in place of −∞, which JSON does not know

float logprob(float logit, double log_sum) {
  const auto p = static_cast<float>(logit - log_sum);
  return p >= kLeast ? std::min(p, 0.0f) : kLeast;  // NaN too
}

}  // namespace

ScoredToken score(std::span<const float> logits, Token token, int n_top) {
  const double log_sum = log_sum_exp(logits);
  ScoredToken scored{.token = token, .logprob = logprob(logits[static_cast<size_t>(token)], log_sum)};
  if (n_top <= 0) return scored;
  Candidates likeliest;
  likeliest.gather(logits, static_cast<size_t>(n_top));
  for (size_t i = 0; i < likeliest.size(); ++i)
    scored.top.push_back({likeliest[i].token, logprob(likeliest[i].logit, log_sum)});
  return scored;
}

}  // namespace loam
