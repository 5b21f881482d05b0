#include "memory/patterns/pattern_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loam {
namespace {

constexpr double kBurstRatio = 2;  // s: how much higher the rate is in a burst
constexpr double kBurstGamma = 1;  // the price of entering one, in log(days)

double log_choose(int64_t n, int64_t k) {
  return std::lgamma(static_cast<double>(n) + 1) - std::lgamma(static_cast<double>(k) + 1) -
         std::lgamma(static_cast<double>(n - k) + 1);
}

double x_log_ratio(double observed, double expected) {
  return observed > 0 ? observed * std::log(observed / expected) : 0;
}

}  // namespace

double Association::lift() const {
  return static_cast<double>(n_both) * static_cast<double>(n) / (static_cast<double>(n_a) * static_cast<double>(n_b));
}

double Association::npmi() const {
  if (n_both == 0) return -1;
  const double information = -std::log(static_cast<double>(n_both) / static_cast<double>(n));
  return information > 0 ? std::log(lift()) / information : 1;
}

double Association::g2() const {
  const auto total = static_cast<double>(n), a = static_cast<double>(n_a), b = static_cast<double>(n_b);
  const auto both = static_cast<double>(n_both);
  return 2 * (x_log_ratio(both, a * b / total) + x_log_ratio(a - both, a * (total - b) / total) +
              x_log_ratio(b - both, (total - a) * b / total) +
              x_log_ratio(total - a - b + both, (total - a) * (total - b) / total));
}

double hypergeometric_tail(const Association& table) {
  const int64_t most = std::min(table.n_a, table.n_b);
  double sum = 0;
  for (int64_t k = std::max(table.n_both, table.n_a + table.n_b - table.n); k <= most; ++k) {
    sum += std::exp(log_choose(table.n_b, k) + log_choose(table.n - table.n_b, table.n_a - k) -
                    log_choose(table.n, table.n_a));
  }
  return std::min(1.0, sum);
}

double discovery_limit(std::vector<double> values, double n_tests, double rate) {
  std::ranges::sort(values);
  double limit = -1;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] <= rate * static_cast<double>(i + 1) / n_tests) limit = values[i];
  }
  return limit;
}

std::vector<std::pair<size_t, size_t>> find_bursts(std::span<const int64_t> hits, std::span<const int64_t> all) {
  int64_t n_hits = 0, n_all = 0;
  for (size_t day = 0; day < hits.size(); ++day) n_hits += hits[day], n_all += all[day];
  if (n_hits == 0 || n_hits == n_all) return {};
  const double base = static_cast<double>(n_hits) / static_cast<double>(n_all);
  const std::array<double, 2> rates = {base, std::min(0.9999, kBurstRatio * base)};
  const double entry = kBurstGamma * std::log(static_cast<double>(hits.size()));
  // Viterbi: the cheapest sequence of states; a day's price is −log of its binomial, without what both have in common.
  std::vector<std::array<bool, 2>> from(hits.size());
  std::array<double, 2> cost = {0, entry};
  for (size_t day = 0; day < hits.size(); ++day) {
    const std::array<double, 2> before = cost;
    from[day] = {before[1] < before[0], before[1] <= before[0] + entry};
    cost = {std::min(before[0], before[1]), std::min(before[0] + entry, before[1])};
    for (size_t state = 0; state < 2; ++state) {
      cost[state] -= static_cast<double>(hits[day]) * std::log(rates[state]) +
                     static_cast<double>(all[day] - hits[day]) * std::log1p(-rates[state]);
    }
  }
  std::vector<bool> raised(hits.size());
  size_t state = cost[1] < cost[0] ? 1 : 0;
  for (size_t day = hits.size(); day-- > 0;) {
    raised[day] = state == 1;
    state = from[day][state] ? 1 : 0;
  }
  std::vector<std::pair<size_t, size_t>> bursts;
  for (size_t day = 0; day < raised.size(); ++day) {
    if (!raised[day]) continue;
    if (bursts.empty() || bursts.back().second != day) bursts.emplace_back(day, day);
    bursts.back().second = day + 1;
  }
  return bursts;
}

}  // namespace loam
