// What an Engine holds: the model, the threads that run it, the cache, and who is in the next step.
#pragma once

#include "engine/engine.h"
#include "engine/masked_block.h"
#include "engine/scheduler.h"
#include "engine/sequence_state.h"

namespace loam {

struct Engine::State {
  EngineOptions options;
  std::unique_ptr<GgufFile> file;
  std::string identity;  // of the model, in the names of cached pages
  int64_t context = 0;
  std::unique_ptr<Model> model;
  ThreadPool pool;
  Context run;
  std::shared_ptr<PrefixCache> cache;
  std::shared_ptr<Scheduler> scheduler;
  std::shared_ptr<Engine> draft_engine;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<ChatTemplate> chat_template;
  int n_opened = 0;
  ExpertUsage usage;

  // As Engine::load, without the draft model.
  State(EngineOptions options, const std::string& path, const KernelTable& kernels);

  const ModelConfig& config() const { return model->config(); }
  // → (n_logit_rows, n_vocab), valid until the next call. `on_failure` is called before an error goes on: states of the
  // batch's sequences are somewhere between before and after it.
  Tensor forward(const Batch& batch, const std::function<void()>& on_failure);
  // Tells EngineOptions::on_input which tensor it is.
  void tell_input(const ProductInput& input) const;
  // Checks the tokens and queues them.
  void append(Sequence::State& s, std::span<const Token> tokens);
  std::unique_ptr<Drafter> make_drafter() const;

  // Why a sequence ends with its newest token, or none.
  bool is_end(const Generation& g, Token token) const;
  FinishReason reason_to_finish(Sequence::State& s) const;
  // Draws the next token of a sequence whose logits are ready, and says whether that was the last.
  StepResult sample(Sequence& sequence, std::span<const float> logits);
  // The same for a share of a step with its drafted tokens; their logits begin at `first_row`.
  void sample(const Share& share, const Tensor& logits, int64_t first_row, std::vector<StepResult>& results);
  void spell(Sequence::State& s, StepResult& result) const;
  // ---- models that see a whole text (engine_diffusion.cpp) ----
  // What the sequence writes next; none where the model goes token by token. Error(unsupported) for a constraint and
  // for scores of the prompt, Error(invalid) where the prompt fills the context.
  std::optional<MaskedBlock> make_block(const StartOptions& options, int64_t n_prompt, int64_t context) const;
  // Replaces masks of the share's block by what its rows tell, and once it is full writes its tokens.
  void fill_in(const Share& share, const Tensor& logits, int64_t first_row, std::vector<StepResult>& results) const;
  bool write(Sequence& sequence, ScoredToken& chosen, std::vector<StepResult>& results) const;
  // Of the sequence's tokens, all of them; positions count from its token `first`.
  void evaluate_whole(Sequence& sequence, int64_t first, int64_t first_logit,
                      const std::function<void(int64_t, std::span<const float>)>& on_logits);

  std::vector<ScoredToken> score_prompt(const Share& share, const Tensor& logits, int64_t first_row) const;

 private:
  int64_t check_fit(const KernelTable& kernels);
  std::unique_ptr<DiskCache> open_disk_cache();
};

}  // namespace loam
