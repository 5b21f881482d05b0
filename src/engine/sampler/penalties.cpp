#include "engine/sampler/penalties.h"

#include <algorithm>

namespace loam {

Penalties::Penalties(const SamplingOptions& o, int64_t n_vocab)
    : repeat_(o.repeat_penalty),
      presence_(o.presence_penalty),
      frequency_(o.frequency_penalty),
      window_(o.penalty_window) {
  if (repeat_ != 1 || presence_ != 0 || frequency_ != 0) counts_.resize(static_cast<size_t>(n_vocab));
}

void Penalties::apply(std::span<float> logits, std::span<const Token> history) {
  if (counts_.empty()) return;
  if (window_ >= 0) history = history.last(std::min(history.size(), static_cast<size_t>(window_)));
  for (const Token t : history) ++counts_[static_cast<size_t>(t)];
  for (const Token t : history) {
    int32_t& count = counts_[static_cast<size_t>(t)];
    if (count == 0) continue;  // seen already
    float& logit = logits[static_cast<size_t>(t)];
    logit = logit > 0 ? logit / repeat_ : logit * repeat_;
    logit -= presence_ + frequency_ * static_cast<float>(count);
    count = 0;
  }
}

}  // namespace loam
