#include <algorithm>

#include "base/error.h"
#include "engine/engine_state.h"

namespace loam {

void Engine::start(Sequence& sequence, std::span<const Token> prompt, const SamplingOptions& options) {
  Sequence::State& s = *sequence.state_;
  if (s.generation) throw Error(Error::Code::invalid, "the sequence is started already", "sequence");
  Sampler sampler(options, state_->config().n_vocab);
  StreamDecoder decoder(tokenizer());
  state_->append(s, prompt);
  s.drafts = {};
  s.generation.emplace(Generation{.sampler = std::move(sampler),
                                  .decoder = std::move(decoder),
                                  .stops = StopMatcher(options.stop),
                                  .drafting = DraftPolicy(state_->options.draft, s.drafter ? s.drafter->cost() : 0),
                                  .max_tokens = options.max_tokens});
  state_->scheduler->add(sequence);
}

FinishReason Engine::State::reason_to_finish(Sequence::State& s) const {
  const Generation& g = *s.generation;
  if (tokenizer->is_end(s.tokens.back())) return FinishReason::end_token;
  if (g.stops.stopped()) return FinishReason::stop_string;
  if (g.n_generated == g.max_tokens) return FinishReason::length;
  if (s.size() > context || s.reserve(s.size())) return FinishReason::context_full;
  return FinishReason::none;
}

StepResult Engine::State::sample(Sequence& sequence, const float* logits) {
  Sequence::State& s = *sequence.state_;
  Generation& g = *s.generation;
  StepResult result;
  result.sequence = &sequence;
  result.finish = FinishReason::length;
  if (g.max_tokens == 0) return result;

  result.token = g.sampler.sample({logits, static_cast<size_t>(config().n_vocab)}, s.tokens);
  s.tokens.push_back(result.token);
  ++g.n_generated;
  if (!tokenizer->is_end(result.token)) result.text = g.stops.push(g.decoder.push(result.token));
  result.finish = reason_to_finish(s);
  if (result.finish == FinishReason::none) return result;

  result.text += g.stops.push(g.decoder.finish());  // an incomplete character may yet complete a stop string
  if (g.stops.stopped()) result.finish = FinishReason::stop_string;
  result.text += g.stops.finish();
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
    const StepResult& next = results.emplace_back(sample(*share.sequence, logits.row(first_row + n_rows)));
    const bool right = n_right < n_drafted && next.token == share.drafted[static_cast<size_t>(n_right)];
    n_right += right;
    more = right && next.finish == FinishReason::none;
  }
  s.advance(n_rows - 1);  // the newest token is pending, as always
  s.drafts.drafted += n_drafted;
  s.drafts.accepted += n_right;
  if (n_drafted > 0) s.generation->drafting.record(n_drafted, n_right);
}

std::vector<StepResult> Engine::step() {
  std::vector<StepResult> results;
  if (state_->scheduler->empty()) return results;
  const Step step = state_->scheduler->next();
  const Tensor logits = state_->forward(step.batch);
  int64_t row = 0;
  for (const Share& share : step.shares) {
    share.sequence->state_->n_processed += share.n_rows;
    if (share.samples) {
      state_->sample(share, logits, row, results);
      row += 1 + std::ssize(share.drafted);
    } else {
      results.emplace_back().sequence = share.sequence;
    }
    if (results.back().finish != FinishReason::none) state_->scheduler->remove(*share.sequence);
  }
  return results;
}

void Engine::cancel(Sequence& sequence) { state_->scheduler->remove(sequence); }

}  // namespace loam
