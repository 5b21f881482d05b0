#include <algorithm>

#include "base/error.h"
#include "engine/engine_options.h"
#include "engine/engine_state.h"
#include "engine/logprobs.h"

namespace loam {
namespace {

std::span<const float> row(const Tensor& logits, int64_t i) {
  return {logits.row(i), static_cast<size_t>(logits.shape.cols())};
}

}  // namespace

void Engine::start(Sequence& sequence, std::span<const Token> prompt, const StartOptions& options) {
  Sequence::State& s = *sequence.state_;
  const SamplingOptions& sampling = options.sampling;
  if (s.generation) throw Error(Error::Code::invalid, "the sequence is started already", "sequence");
  check_share(options);
  Sampler sampler(sampling, state_->config().n_vocab, &tokenizer());
  std::optional<MaskedBlock> block = state_->make_block(options, s.size() + std::ssize(prompt), s.context);
  const int64_t prompt_begin = s.size();
  state_->append(s, prompt);
  s.drafts = {};
  s.n_prompt = s.size();
  s.n_read = 0;
  s.generation.emplace(Generation{.sampler = std::move(sampler),
                                  .decoder = StreamDecoder(tokenizer(), options.visible),
                                  .stops = StopMatcher(sampling.stop, sampling.include_stop),
                                  .drafting = DraftPolicy(state_->options.draft, s.drafter ? s.drafter->cost() : 0),
                                  .constraint = options.constraint,
                                  .ends = options.ends,
                                  .max_tokens = sampling.max_tokens,
                                  .logprobs = sampling.logprobs,
                                  .prompt_logprobs = sampling.prompt_logprobs,
                                  .next_scored = prompt_begin,
                                  .prompt_end = s.size(),
                                  .block = std::move(block)});
  state_->scheduler->start(sequence, options.user, options.weight, options.priority);
}

bool Engine::State::is_end(const Generation& g, Token token) const {
  return tokenizer->is_end(token) || std::ranges::find(g.ends, token) != g.ends.end();
}

FinishReason Engine::State::reason_to_finish(Sequence::State& s) const {
  const Generation& g = *s.generation;
  if (is_end(g, s.tokens.back())) return FinishReason::end_token;
  if (g.stops.stopped()) return FinishReason::stop_string;
  if (g.n_generated == g.max_tokens) return FinishReason::length;
  if (s.size() + (g.block ? 1 : 0) > s.context) return FinishReason::context_full;  // a mask must fit behind it
  return FinishReason::none;
}

// The scores of the prompt's tokens that follow the share's rows, from their logits; first, without a score, the one
// that follows nothing.
std::vector<ScoredToken> Engine::State::score_prompt(const Share& share, const Tensor& logits,
                                                     int64_t first_row) const {
  Sequence::State& s = *share.sequence->state_;
  Generation& g = *s.generation;
  std::vector<ScoredToken> scored;
  if (!g.scores_prompt()) return scored;
  if (g.next_scored == s.n_processed) scored.push_back({.token = s.tokens[static_cast<size_t>(g.next_scored++)]});
  const int64_t first_logit = s.n_processed + share.n_rows - share.n_logits;
  for (; g.next_scored < std::min(g.prompt_end, s.n_processed + share.n_rows + 1); ++g.next_scored)
    scored.push_back(score(row(logits, first_row + g.next_scored - 1 - first_logit),
                           s.tokens[static_cast<size_t>(g.next_scored)], g.prompt_logprobs));
  return scored;
}

// The text that a token brings, and whether it is the last.
void Engine::State::spell(Sequence::State& s, StepResult& result) const {
  Generation& g = *s.generation;
  if (!is_end(g, result.token)) {
    result.piece = g.decoder.piece(result.token);
    result.text = g.stops.push(g.decoder.push(result.token));
  }
  result.finish = reason_to_finish(s);
  if (result.finish != FinishReason::none) {
    result.text += g.stops.push(g.decoder.finish());  // an incomplete character may yet complete a stop string
    if (g.stops.stopped()) result.finish = FinishReason::stop_string;
    result.text += g.stops.finish();
  }
  result.stop = g.stops.stopped_by();
  result.n_held = g.stops.n_held() + g.decoder.n_held();
}

StepResult Engine::State::sample(Sequence& sequence, std::span<const float> logits) {
  Sequence::State& s = *sequence.state_;
  Generation& g = *s.generation;
  StepResult result{.sequence = &sequence, .finish = FinishReason::length};
  if (g.max_tokens == 0) return result;
  result.token = g.sampler.sample(logits, s.tokens, g.constraint ? g.constraint->allowed() : TokenMask());
  if (g.constraint) g.constraint->accept(result.token);
  if (g.logprobs >= 0) {
    ScoredToken scored = score(logits, result.token, g.logprobs);
    result.logprob = scored.logprob;
    result.top = std::move(scored.top);
  }
  s.tokens.push_back(result.token);
  ++g.n_generated;
  spell(s, result);
  return result;
}

// Samples token by token as if nothing were drafted, going on to the next row for as long as the token is the drafted
// one: then that row's logits are those of the sequence with it.
void Engine::State::sample(const Share& share, const Tensor& logits, int64_t first_row,
                           std::vector<StepResult>& results) {
  Sequence::State& s = *share.sequence->state_;
  const int64_t n_drafted = std::ssize(share.drafted);
  int64_t n_right = 0, n_rows = 0;
  for (bool more = true; more; ++n_rows) {
    const StepResult& next = results.emplace_back(sample(*share.sequence, row(logits, first_row + n_rows)));
    const bool right = n_right < n_drafted && next.token == share.drafted[static_cast<size_t>(n_right)];
    n_right += right;
    more = right && next.finish == FinishReason::none;
  }
  s.advance(n_rows - 1);  // the newest token is pending, as always
  s.drafts.drafted += n_drafted;
  s.drafts.accepted += n_right;
  if (n_drafted > 0) s.generation->drafting.record(n_drafted, n_right);
}

std::vector<StepResult> Engine::step(bool alone) {
  std::vector<StepResult> results;
  if (state_->scheduler->empty()) return results;
  const double begin = state_->options.clock();
  const Step step = state_->scheduler->next(alone);
  const Tensor logits = state_->forward(step.batch, [&] {
    for (const Share& share : step.shares) share.sequence->state_->lose_state();
  });
  for (const Share& share : step.shares) share.sequence->state_->moved(share.n_rows);
  state_->scheduler->computed(step);
  int64_t row = 0;
  for (const Share& share : step.shares) {
    Sequence::State& s = *share.sequence->state_;
    if (s.generation->block) {
      state_->fill_in(share, logits, row, results);
      row += share.n_logits + std::ssize(share.drafted);
      if (results.back().finish != FinishReason::none) state_->scheduler->stop(*share.sequence);
      continue;
    }
    std::vector<ScoredToken> prompt = state_->score_prompt(share, logits, row);
    s.n_processed += share.n_rows;
    if (s.generation->n_generated == 0) s.n_read += share.n_rows;
    row += share.n_logits;
    const size_t first = results.size();
    if (share.samples) {
      state_->sample(share, logits, row - 1, results);
      row += std::ssize(share.drafted);
    } else {
      results.emplace_back().sequence = share.sequence;
    }
    results[first].prompt = std::move(prompt);
    s.pages->publish(s.tokens, s.n_processed);
    if (results.back().finish != FinishReason::none) state_->scheduler->stop(*share.sequence);
  }
  state_->scheduler->ended(step, state_->options.clock() - begin);
  return results;
}

void Engine::cancel(Sequence& sequence) { state_->scheduler->stop(sequence); }

}  // namespace loam
