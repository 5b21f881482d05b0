// Which experts the tokens of a batch go through: inside the mixture of experts.
#pragma once

#include <span>
#include <vector>

#include "ops/context.h"
#include "ops/ops.h"

namespace loam {

// A run of choices that have the same expert: they go through it together.
struct ExpertGroup {
  int expert;
  int64_t first, n;  // slots
};

// Every token's choices, ascending by expert. Sorted by expert, and by token within an expert, a choice's place is its
// slot.
class Routing {
 public:
  // Room for each token's number of choices; `choose` fills it.
  Routing(int64_t n_tokens, int n_experts, int n_used, std::span<const BatchSpan> spans);

  int64_t n_tokens() const { return static_cast<int64_t>(first_.size()) - 1; }
  int64_t n_choices() const { return first_.back(); }

  // Takes a token's best experts, ties to the lower index, by the scores of its logits, which are overwritten.
  // `selection_bias` [n_experts] or null. Tokens may be chosen by several threads.
  void choose(int64_t token, float* logits, const KernelTable& kernels, const MoeOptions& options,
              const float* selection_bias = nullptr);

  std::span<const ExpertChoice> of(int64_t token) const {
    return {choices_.data() + first_[token], static_cast<size_t>(first_[token + 1] - first_[token])};
  }

  // Once all have chosen: gives out the slots. → groups of at most `most` choices, by ascending slot
  std::vector<ExpertGroup> group(int64_t most);
  // Of a token's choices, in their order.
  std::span<const int64_t> slots_of(int64_t token) const { return {slots_.data() + first_[token], of(token).size()}; }
  int64_t token_in(int64_t slot) const { return tokens_[slot]; }
  float weight_of(int64_t token, int expert) const;

 private:
  void pick(std::span<ExpertChoice> best, const float* scores) const;
  static void weigh(std::span<ExpertChoice> best, const KernelTable& kernels, const MoeOptions& options);

  int n_experts_;
  std::vector<int64_t> first_;         // [n_tokens + 1] of each token's choices
  std::vector<ExpertChoice> choices_;  // [n_choices], by token
  std::vector<int64_t> slots_;         // [n_choices], likewise
  std::vector<int64_t> tokens_;        // [n_choices], by slot
};

}  // namespace loam
