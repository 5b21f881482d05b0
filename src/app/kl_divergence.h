// How far a model's predictions are from another's: Kullback-Leibler divergence and its kin, token by token.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace loam {

class KlDivergence {
 public:
  // The base's log-probabilities of the vocabulary, this model's logits, and the token that really followed.
  void add(std::span<const float> base, std::span<const float> logits, int token);

  std::string text() const;
  nlohmann::ordered_json json() const;

 private:
  struct Mean {
    double value, error;  // and its standard error
  };
  static Mean mean_of(const std::vector<double>& values);
  std::vector<double> sorted() const;

  std::vector<double> divergence_;   // Σ p_base·(ln p_base − ln p), of each token
  std::vector<double> log_ratio_;    // ln p_base(token) − ln p(token)
  std::vector<double> probability_;  // p(token) − p_base(token)
  double base_nll_ = 0;
  int64_t n_same_top_ = 0;
};

}  // namespace loam
