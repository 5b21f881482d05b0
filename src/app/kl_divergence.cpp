#include "app/kl_divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/sampler/candidates.h"
#include "file/logit_file.h"

namespace loam {
namespace {

constexpr struct {
  const char* name;
  double share;
} kPercentiles[] = {{"99.9", 0.999}, {"99", 0.99}, {"95", 0.95}, {"90", 0.9},
                    {"50", 0.5},     {"10", 0.1},  {"5", 0.05},  {"1", 0.01}};

// Between the two values that stand around a share of the sorted ones.
double percentile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

size_t top_of(std::span<const float> values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace

void KlDivergence::add(std::span<const float> base, std::span<const float> logits, int token) {
  const double total = log_sum_exp(logits);
  double divergence = 0;
  for (size_t i = 0; i < base.size(); ++i) divergence += std::exp(double{base[i]}) * (base[i] - (logits[i] - total));
  const auto at = static_cast<size_t>(token);
  const double before = base[at], now = logits[at] - total;
  divergence_.push_back(std::max(divergence, 0.0));  // rounding of the base's 16 bits may bring it below
  log_ratio_.push_back(before - now);
  probability_.push_back(std::exp(now) - std::exp(before));
  base_nll_ -= before;
  n_same_top_ += top_of(base) == top_of(logits);
}

KlDivergence::Mean KlDivergence::mean_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  for (const double value : values) squares += (value - sum / n) * (value - sum / n);
  return {sum / n, n < 2 ? 0 : std::sqrt(squares / (n - 1) / n)};
}

std::vector<double> KlDivergence::sorted() const {
  std::vector<double> values = divergence_;
  std::ranges::sort(values);
  return values;
}

std::string KlDivergence::text() const {
  const Mean divergence = mean_of(divergence_), ratio = mean_of(log_ratio_), probability = mean_of(probability_);
  const std::vector<double> values = sorted();
  double squares = 0;
  for (const double value : probability_) squares += value * value;
  const auto n = static_cast<double>(divergence_.size());
  const double same = static_cast<double>(n_same_top_) / n;
  std::string out = fmt::format("perplexity of the base   {:.4f}\nratio to the base        {:.5f} ± {:.5f}\n",
                                std::exp(base_nll_ / n), std::exp(ratio.value), std::exp(ratio.value) * ratio.error);
  out += fmt::format("KL divergence            {:.6f} ± {:.6f}\n  largest                {:.6f}\n", divergence.value,
                     divergence.error, values.back());
  for (const auto& p : kPercentiles)
    out += fmt::format("  {:>4} %                 {:.6f}\n", p.name, percentile(values, p.share));
  return out +
         fmt::format("same likeliest token     {:.3f} ± {:.3f} %\nprobability of the text  {:+.3f} %, RMS {:.3f} %\n",
                     100 * same, 100 * std::sqrt(same * (1 - same) / n), 100 * probability.value,
                     100 * std::sqrt(squares / n));
}

nlohmann::ordered_json KlDivergence::json() const {
  const Mean divergence = mean_of(divergence_), ratio = mean_of(log_ratio_), probability = mean_of(probability_);
  const std::vector<double> values = sorted();
  const auto n = static_cast<double>(divergence_.size());
  nlohmann::ordered_json percentiles = nlohmann::ordered_json::object();
  for (const auto& p : kPercentiles) percentiles[p.name] = percentile(values, p.share);
  double squares = 0;
  for (const double value : probability_) squares += value * value;
  return {{"n", divergence_.size()},
          {"mean", divergence.value},
          {"error", divergence.error},
          {"max", values.back()},
          {"percentiles", std::move(percentiles)},
          {"same_top", static_cast<double>(n_same_top_) / n},
          {"base_perplexity", std::exp(base_nll_ / n)},
          {"perplexity_ratio", std::exp(ratio.value)},
          {"perplexity_ratio_error", std::exp(ratio.value) * ratio.error},
          {"mean_probability_change", probability.value},
          {"rms_probability_change", std::sqrt(squares / n)}};
}

}  // namespace loam
