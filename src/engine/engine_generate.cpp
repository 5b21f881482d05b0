#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "engine/engine_options.h"
#include "engine/engine_state.h"
#include "model/diffusion.h"

namespace loam {

namespace {

void add(GenerateResult& all, const StepResult& next) {
  if (next.token >= 0) all.tokens.push_back(next.token);
  if (next.logprob) all.scored.push_back({next.token, next.logprob, next.top});
  all.prompt.insert(all.prompt.end(), next.prompt.begin(), next.prompt.end());
  all.text += next.text;
  all.stop = next.stop;
}

}  // namespace

// Cuts the sequence behind what it has in common with the prompt, of which at least the last token is read again: its
// logits are needed. → tokens kept
int64_t Engine::keep_common_prefix(Sequence& sequence, std::span<const Token> prompt) {
  const std::vector<Token>& held = sequence.tokens();
  const auto common = std::ranges::mismatch(held, prompt).in1 - held.begin();
  const int64_t kept =
      std::min({int64_t{common}, sequence.n_processed(), std::max<int64_t>(0, std::ssize(prompt) - 1)});
  sequence.truncate(kept);
  return kept;
}

// The only started sequence's next results; none where the step was cancelled.
std::vector<StepResult> Engine::step_alone() try { return step(true); } catch (const Error& error) {
  if (error.code() != Error::Code::cancelled) throw;
  return {};
}

GenerateResult Engine::generate(Sequence& sequence, std::span<const Token> prompt, const StartOptions& options,
                                const std::function<bool(std::string_view)>& on_text,
                                const std::function<bool(int64_t, int64_t)>& on_prompt) {
  if (!state_->scheduler->empty())
    throw Error(Error::Code::invalid, "other sequences are started: use start and step", "sequence");
  const auto begin = std::chrono::steady_clock::now();
  auto prompt_read = begin;
  GenerateResult result;
  result.n_prompt = std::ssize(prompt);
  if (options.sampling.prompt_logprobs >= 0) sequence.truncate(0);  // what is scored must be read
  const int64_t kept = keep_common_prefix(sequence, prompt);
  start(sequence, prompt.subspan(static_cast<size_t>(kept)), options);
  while (result.finish == FinishReason::none) {
    const std::vector<StepResult> results = step_alone();
    if (results.empty()) result.finish = FinishReason::cancelled;
    bool go_on = true;
    if (result.tokens.empty() && !results.empty()) {  // this step read some of the prompt
      prompt_read = std::chrono::steady_clock::now();
      go_on = !on_prompt || on_prompt(sequence.n_processed(), result.n_prompt);
    }
    for (auto next = results.begin(); next != results.end() && result.finish == FinishReason::none; ++next) {
      add(result, *next);
      if (!next->text.empty() && on_text) go_on = on_text(next->text) && go_on;
      result.finish = go_on ? next->finish : FinishReason::cancelled;
    }
  }
  result.n_reused = sequence.n_cached();
  result.drafts = sequence.drafts();
  sequence.truncate(result.n_prompt + std::ssize(result.tokens));  // without what came after the caller stopped
  result.prompt_seconds = std::chrono::duration<double>(prompt_read - begin).count();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - prompt_read).count();
  return result;
}

void Engine::evaluate(Sequence& sequence, std::span<const Token> tokens, int chunk, int64_t logits_from,
                      const std::function<void(int64_t, std::span<const float>)>& on_logits) {
  check_option("chunk", chunk, 1, kMaxChunk);
  Sequence::State& s = *sequence.state_;
  if (s.generation) throw Error(Error::Code::invalid, "the sequence is started already", "sequence");
  const int64_t first = s.size();  // of `tokens` in the sequence
  const int64_t first_logit = first + std::max<int64_t>(0, logits_from);
  const auto n_vocab = static_cast<size_t>(state_->config().n_vocab);
  state_->append(s, tokens);
  state_->scheduler->stop(sequence);  // it is used now
  if (sees_whole_text(state_->config())) return state_->evaluate_whole(sequence, first, first_logit, on_logits);
  s.reuse_pages(std::min(s.size(), first_logit));
  do s.load_pages(std::min(s.size(), first_logit));
  while (s.loading);
  if (!s.pages->stands_at(s.n_processed)) s.lose_state();
  while (s.n_pending() > 0) {
    // No more rows with logits than fit their share of memory; results do not depend on where a batch is cut.
    const int64_t unwanted = std::max<int64_t>(0, first_logit - s.n_processed);
    const int64_t n =
        std::min({int64_t{chunk}, int64_t{state_->options.chunk}, s.n_pending(),
                  unwanted + logit_rows_at_once(state_->config()), s.pages->rows_until_snapshot(s.n_processed)});
    state_->scheduler->make_room(sequence, s.n_processed + n);
    Batch batch;
    s.add_rows(batch, n, first_logit);
    const Tensor logits = state_->forward(batch, [&] { s.lose_state(); });
    s.moved(n);
    for (size_t i = 0; i < batch.logit_rows.size(); ++i)
      on_logits(batch.positions[static_cast<size_t>(batch.logit_rows[i])] - first,
                {logits.row(static_cast<int64_t>(i)), n_vocab});
    s.n_processed += n;
    s.pages->publish(s.tokens, s.n_processed);
  }
}

}  // namespace loam
