// Candidates: the tokens that are still in play while the next one is chosen, and their probabilities.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "engine/sampler/vector_math.h"
#include "tokenizer/tokenizer.h"

namespace loam {

struct Candidate {
  float logit;
  Token token;
};

// In the order of their ids, or the likeliest first, so that what is drawn from them depends on nothing but the logits.
// A candidate's probability is weight / total, with weight = e^(logit − largest logit).
class Candidates {
 public:
  // The k largest of `logits`, of equals those with the lower ids; k = 0: all. −∞ and NaN are left out, +∞ counts as
  // the largest number.
  void gather(std::span<const float> logits, size_t k);

  size_t size() const { return items_.size(); }
  const Candidate& operator[](size_t i) const { return items_[i]; }
  float largest() const { return largest_; }  // logit
  std::vector<Candidate> likeliest(size_t n) const;

  double total() const { return total_; }
  float weight(size_t i) const { return exp_of_negative(items_[i].logit - largest_); }
  std::span<const float> weights();  // of all; computes the total too; valid until the next call

  void keep_likeliest(size_t k);
  // The fewest that hold `share` of the probability: those whose logits are nearest to largest − distance, the lower
  // ids among equals.
  void keep_nearest(double share, double distance);
  template <class Predicate>
  void keep_if(Predicate keep) {
    std::erase_if(items_, [&](const Candidate& c) { return !keep(c); });
    find_largest();
  }
  template <class Function>
  void set_logits(Function logit_of) {
    for (Candidate& c : items_) c.logit = logit_of(c);
    find_largest();
  }

  size_t draw(double uniform);  // → index

 private:
  static constexpr size_t kBlock = 1024;

  void gather_all(std::span<const float> logits);
  void gather_heap(std::span<const float> logits, size_t k);
  void keep_nearest_until(double amount, double distance, std::span<const float> weights);
  void find_largest();

  std::vector<Candidate> items_;
  std::vector<float> weights_, away_;  // scratch, [size]
  std::vector<double> block_weights_;  // Σ weights of kBlock candidates each
  float largest_ = 0;
  double total_ = 0;
};

// log Σ e^logit over those that are numbers; −∞ where there are none.
double log_sum_exp(std::span<const float> logits);

}  // namespace loam
