// MaskedBlock: the next tokens of a text that a diffusion model fills in, the surest first.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/generation.h"
#include "model/diffusion.h"

namespace loam {

class MaskedBlock {
 public:
  static constexpr int64_t kMostTokens = 32;  // as LLaDA's authors have it

  explicit MaskedBlock(const DiffusionConfig& config) : config_(config) {}

  const DiffusionConfig& config() const { return config_; }
  // What stands in each place: its token, or the mask.
  const std::vector<Token>& tokens() const { return tokens_; }
  bool empty() const { return tokens_.empty(); }
  void begin(int64_t n_tokens);  // all of them masks

  // Each mask's place is given to `choose`, which tells the token that the model would write there and how likely it
  // is; those of at least kSure stay, and the likeliest in any case (Fast-dLLM, arXiv 2505.22618).
  void fill(const std::function<ScoredToken(int64_t place)>& choose);
  bool is_full() const { return n_masks_ == 0; }
  // What has been filled in, with what `choose` told; the block is empty then.
  std::vector<ScoredToken> take();

 private:
  static constexpr float kSure = -0.105f;  // ln 0.9

  const DiffusionConfig config_;
  std::vector<Token> tokens_;
  std::vector<ScoredToken> chosen_;  // of the places that are no masks any more
  int64_t n_masks_ = 0;
};

}  // namespace loam
