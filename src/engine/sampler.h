// Chooses the next token from logits: what is forbidden, penalties, filters, temperature, then a seeded draw.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/sampler/adaptive_p.h"
#include "engine/sampler/candidates.h"
#include "engine/sampler/dry.h"
#include "engine/sampler/mirostat.h"
#include "engine/sampler/penalties.h"
#include "engine/sampler/random.h"
#include "engine/sampling_options.h"
#include "engine/token_constraint.h"

namespace loam {

// One generation's. The steps run in the order that llama.cpp's users know; those that are off cost nothing:
//   mask           tokens that a constraint forbids are out, whatever else is asked for
//   bias           + logit_bias; −inf forbids a token. End tokens are out before min_tokens, or with ignore_eos
//   penalties      repeat, presence, frequency           (sampler/penalties.h)
//   DRY            repetitions of several tokens         (sampler/dry.h)
//   top-nσ, top-k, typical-p, top-p, min-p, XTC          (sampler/filters.h): each among those that the last has left
//   temperature    fixed or dynamic                      (sampler/temperature.h)
//   draw           in proportion to the probabilities, or as adaptive-p says, with SplitMix64
// With mirostat, temperature follows on DRY, and mirostat draws. With temperature 0 the largest logit after DRY wins,
// the lower id among equals. A NaN counts as −inf. Where nothing is left (all −inf), the choice is greedy over the
// logits as the model gave them, of tokens that the mask allows, and the first of these where they have no number.
class Sampler {
 public:
  // `tokenizer` tells which tokens end a text, and where DRY's sequence breakers stand; without it there are none.
  // Error(invalid) as `validate` says.
  Sampler(SamplingOptions options, int64_t n_vocab, const Tokenizer* tokenizer = nullptr);
  // `logits`: (n_vocab). `history`: prompt and generated tokens so far.
  Token sample(std::span<const float> logits, std::span<const Token> history, TokenMask mask = {});

 private:
  void allow(std::span<const float> logits, TokenMask mask);
  void apply_bias();
  void forbid_end();
  void filter();
  Token draw();

  SamplingOptions options_;
  std::vector<Token> end_tokens_;
  Random random_;
  Penalties penalties_;
  Dry dry_;
  Mirostat mirostat_;
  AdaptiveP adaptive_;
  std::vector<float> work_;  // [n_vocab] logits being changed
  Candidates candidates_;    // those still in play
  int64_t n_sampled_ = 0;
};

}  // namespace loam
