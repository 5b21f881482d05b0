// Texts of models that see a whole text at once: nothing of one is cached, and generating is filling in blocks of
// masks.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/error.h"
#include "engine/engine_options.h"
#include "engine/engine_state.h"
#include "engine/logprobs.h"
#include "model/diffusion.h"

namespace loam {

std::optional<MaskedBlock> Engine::State::make_block(const StartOptions& options, int64_t n_prompt,
                                                     int64_t context) const {
  if (!sees_whole_text(config())) return std::nullopt;
  if (options.constraint)
    throw Error(Error::Code::unsupported,
                "generation with a diffusion model cannot be held to a grammar: its text is not written from left to "
                "right",
                "grammar");
  if (options.sampling.prompt_logprobs >= 0)
    throw Error(Error::Code::unsupported,
                "a diffusion model has no probabilities of a prompt's tokens: each of them is seen by all others",
                "prompt_logprobs");
  if (n_prompt == context)
    throw Error(Error::Code::invalid,
                fmt::format("a prompt of {} tokens leaves no room in the context of {}", n_prompt, context), "context");
  return MaskedBlock(DiffusionConfig::read(file->metadata(), config()));
}

// The next token of a filled block. → whether there are more to come
bool Engine::State::write(Sequence& sequence, ScoredToken& chosen, std::vector<StepResult>& results) const {
  Sequence::State& s = *sequence.state_;
  Generation& g = *s.generation;
  StepResult& result = results.emplace_back();
  result.sequence = &sequence;
  result.token = chosen.token;
  if (g.logprobs >= 0) result.logprob = chosen.logprob, result.top = std::move(chosen.top);
  s.tokens.push_back(chosen.token);
  ++g.n_generated;
  spell(s, result);
  return result.finish == FinishReason::none;
}

void Engine::State::fill_in(const Share& share, const Tensor& logits, int64_t first_row,
                            std::vector<StepResult>& results) const {
  Sequence::State& s = *share.sequence->state_;
  Generation& g = *s.generation;
  MaskedBlock& block = *g.block;
  s.n_read = s.n_prompt;
  if (g.max_tokens == 0) {
    results.push_back({.sequence = share.sequence, .finish = FinishReason::length});
    return;
  }
  const auto n_vocab = static_cast<size_t>(config().n_vocab);
  const DiffusionConfig& diffusion = block.config();
  block.fill([&](int64_t place) {
    float* row = logits.row(first_row + share.n_logits + place - (diffusion.one_behind ? 1 : 0));
    row[diffusion.mask] = -std::numeric_limits<float>::infinity();  // is not written
    const std::span<const float> scores(row, n_vocab);
    return score(scores, g.sampler.sample(scores, s.tokens), g.logprobs);
  });
  if (!block.is_full()) {
    results.emplace_back().sequence = share.sequence;
    return;
  }
  for (ScoredToken& chosen : block.take())
    if (!write(*share.sequence, chosen, results)) break;
}

// A piece of rows with logits at a time, as many as fit their share of memory; each computes the whole text.
void Engine::State::evaluate_whole(Sequence& sequence, int64_t first, int64_t first_logit,
                                   const std::function<void(int64_t, std::span<const float>)>& on_logits) {
  Sequence::State& s = *sequence.state_;
  const int64_t at_once = logit_rows_at_once(config());
  scheduler->make_room(sequence, s.size());
  for (int64_t begin = std::min(first_logit, s.size() - 1); begin < s.size(); begin += at_once) {
    Batch batch;
    s.add_rows(batch, s.size(), begin);
    batch.logit_rows.resize(static_cast<size_t>(std::min(at_once, s.size() - begin)));
    const Tensor logits = forward(batch, [] {});
    for (size_t i = 0; begin + static_cast<int64_t>(i) >= first_logit && i < batch.logit_rows.size(); ++i)
      on_logits(batch.logit_rows[i] - first,
                {logits.row(static_cast<int64_t>(i)), static_cast<size_t>(config().n_vocab)});
  }
}

}  // namespace loam
