#include "engine/sampler/mirostat.h"

#include <cmath>

namespace loam {
namespace {

constexpr size_t kEstimated = 100;  // likeliest tokens from which version 1 estimates Zipf's exponent

}  // namespace

// Version 1 takes the probabilities for Zipf's, p_i ∝ i^−s, and estimates s from the likeliest by least squares of
// log(p_i / p_i+1) over log((i + 1) / i). With ε = s − 1 the k whose surprise is μ follows:
// k = (ε · 2^μ / (1 − n^−ε))^(1/s).
size_t Mirostat::top_k(Candidates& candidates) const {
  const std::vector<Candidate> top = candidates.likeliest(kEstimated);
  double products = 0, squares = 0;
  for (size_t i = 0; i + 1 < top.size(); ++i) {
    const double t = std::log(static_cast<double>(i + 2) / static_cast<double>(i + 1));
    products += t * (double{top[i].logit} - top[i + 1].logit);
    squares += t * t;
  }
  const auto n = static_cast<double>(candidates.size());
  if (squares == 0 || products <= 0) return candidates.size();  // level
  const double s = products / squares, epsilon = s - 1;
  const double tail = std::abs(epsilon) < 1e-9 ? std::log(n) : (1 - std::pow(n, -epsilon)) / epsilon;
  const double k = std::pow(std::exp2(bound_) / tail, 1 / s);
  return k >= n ? candidates.size() : static_cast<size_t>(std::max(1.0, k));
}

// Version 2: those whose surprise −log2 p is at most μ, or the likeliest.
void Mirostat::keep_below_bound(Candidates& candidates) const {
  candidates.weights();
  const double least = candidates.largest() + std::log(candidates.total()) - bound_ * std::log(2.0);
  if (least > candidates.largest()) return candidates.keep_likeliest(1);
  candidates.keep_if([&](const Candidate& c) { return c.logit >= least; });
}

Token Mirostat::draw(Candidates& candidates, Random& random) {
  if (version_ == 1)
    candidates.keep_likeliest(top_k(candidates));
  else
    keep_below_bound(candidates);
  const size_t drawn = candidates.draw(random.uniform());
  const double surprise = -std::log2(candidates.weight(drawn) / candidates.total());
  bound_ -= eta_ * (surprise - tau_);
  return candidates[drawn].token;
}

}  // namespace loam
