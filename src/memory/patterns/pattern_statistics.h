// The statistics of patterns: association in a table of two by two, false-discovery control, bursts.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace loam {

// Of n units, n_a have a, n_b have b, n_both have both; 0 ≤ n_both ≤ min(n_a, n_b), max(n_a, n_b) ≤ n.
struct Association {
  int64_t n, n_a, n_b, n_both;

  double npmi() const;  // Bouma 2009: pointwise mutual information / −log p(both)
  double g2() const;    // Dunning 1993
  double lift() const;
};

// P(X ≥ n_both), where n_a units of n are drawn and n_b are marked: Fisher's exact test, one-sided.
double hypergeometric_tail(const Association& table);

// Benjamini and Hochberg 1995: the largest p that is still a discovery among `n_tests`, of which `values` are the
// smallest; −1 where none is.
double discovery_limit(std::vector<double> values, double n_tests, double rate);

// Kleinberg 2002, two states, s = 2, γ = 1: days [begin, end) whose rate of hits is raised. `hits` of `all` for each
// day.
std::vector<std::pair<size_t, size_t>> find_bursts(std::span<const int64_t> hits, std::span<const int64_t> all);

}  // namespace loam
