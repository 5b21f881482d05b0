#include "engine/sampler.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "engine/sampler/filters.h"
#include "engine/sampler/temperature.h"

namespace loam {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// Index of the largest number, the first among equals; -1 where all are −inf or NaN.
Token largest(std::span<const float> logits) {
  const float most = largest_of(logits);
  if (most == kMinusInfinity) return -1;
  return static_cast<Token>(std::ranges::find(logits, most) - logits.begin());
}

std::function<std::string(Token)> pieces_of(const Tokenizer* tokenizer) {
  if (!tokenizer) return {};
  return [tokenizer](Token t) { return t < tokenizer->n_vocab() ? tokenizer->piece(t) : std::string(); };
}

}  // namespace

Sampler::Sampler(SamplingOptions options, int64_t n_vocab, const Tokenizer* tokenizer)
    : options_((options.validate(n_vocab), std::move(options))),
      random_(options_.seed),
      penalties_(options_, n_vocab),
      dry_(options_, pieces_of(tokenizer)),
      mirostat_(options_.mirostat, options_.mirostat_tau, options_.mirostat_eta),
      adaptive_(options_.adaptive_target, options_.adaptive_decay),
      work_(static_cast<size_t>(n_vocab)) {
  if (!tokenizer) return;
  for (const Token t : tokenizer->end_tokens())
    if (t < n_vocab) end_tokens_.push_back(t);
}

Token Sampler::sample(std::span<const float> logits, std::span<const Token> history, TokenMask mask) {
  LOAM_CHECK(logits.size() == work_.size());
  allow(logits, mask);
  apply_bias();
  forbid_end();
  penalties_.apply(work_, history);
  dry_.apply(work_, history);
  ++n_sampled_;
  if (const Token best = largest(work_); best >= 0) {
    if (options_.temperature == 0) return best;
    filter();
    return draw();
  }
  allow(logits, mask);
  if (const Token best = largest(work_); best >= 0) return best;
  Token first = 0;
  while (!allows(mask, first)) ++first;
  return first;
}

void Sampler::allow(std::span<const float> logits, TokenMask mask) {
  std::ranges::copy(logits, work_.begin());
  if (mask.empty()) return;
  LOAM_CHECK(mask.size() == (work_.size() + 63) / 64);
  bool any = false;
  for (size_t i = 0; i < work_.size(); i += 64) {
    const uint64_t word = mask[i / 64];
    const size_t n = std::min<size_t>(64, work_.size() - i);
    any |= n < 64 ? word << (64 - n) != 0 : word != 0;
    if (word == 0) std::fill_n(work_.begin() + static_cast<std::ptrdiff_t>(i), n, kMinusInfinity);
    if (word == 0 || word == ~uint64_t{0}) continue;
    for (size_t bit = 0; bit < n; ++bit)
      if ((word >> bit & 1) == 0) work_[i + bit] = kMinusInfinity;
  }
  LOAM_CHECK(any);
}

// What is forbidden already stays so.
void Sampler::apply_bias() {
  for (const auto& [token, bias] : options_.logit_bias)
    if (float& logit = work_[static_cast<size_t>(token)]; logit > kMinusInfinity) logit += bias;
}

void Sampler::forbid_end() {
  if (!options_.ignore_eos && n_sampled_ >= options_.min_tokens) return;
  for (const Token token : end_tokens_) work_[static_cast<size_t>(token)] = kMinusInfinity;
}

void Sampler::filter() {
  const SamplingOptions& o = options_;
  const auto k = static_cast<size_t>(o.top_k);
  if (o.mirostat != 0) return candidates_.gather(work_, 0);
  candidates_.gather(work_, o.top_n_sigma > 0 ? 0 : k);
  keep_top_n_sigma(candidates_, o.top_n_sigma);
  if (o.top_n_sigma > 0 && k > 0) candidates_.keep_likeliest(k);
  keep_typical(candidates_, o.typical_p);
  keep_top_p(candidates_, o.top_p);
  keep_min_p(candidates_, o.min_p);
  exclude_top_choices(candidates_, o.xtc_probability, o.xtc_threshold, random_);
}

Token Sampler::draw() {
  apply_temperature(candidates_, options_.temperature, options_.dynatemp_range, options_.dynatemp_exponent);
  if (options_.mirostat != 0) return mirostat_.draw(candidates_, random_);
  if (options_.adaptive_target >= 0) return adaptive_.draw(candidates_, random_);
  return candidates_[candidates_.draw(random_.uniform())].token;
}

}  // namespace loam
