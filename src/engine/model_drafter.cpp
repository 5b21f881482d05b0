#include "engine/model_drafter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "model/diffusion.h"

namespace loam {
namespace {

constexpr int kChunk = 512;  // tokens read at once

[[noreturn]] void refuse(const std::string& message) { throw Error(Error::Code::invalid, message, "draft-model"); }

void check_same_vocabulary(const Tokenizer& draft, const Tokenizer& target) {
  if (draft.n_vocab() != target.n_vocab())
    refuse(fmt::format("the draft model has {} tokens, the model {}; both need the same", draft.n_vocab(),
                       target.n_vocab()));
  for (Token token = 0; token < target.n_vocab(); ++token)
    if (draft.text_of(token) != target.text_of(token))
      refuse(fmt::format("token {} is \"{}\" in the draft model, \"{}\" in the model; both need the same vocabulary",
                         token, draft.text_of(token), target.text_of(token)));
}

}  // namespace

std::shared_ptr<Engine> load_draft_model(const Engine& target, const EngineOptions& o) {
  if (o.draft == 0 || o.draft_model.empty()) return nullptr;
  if (target.model().config().n_experts > 0)
    refuse("drafting does not pay in a mixture of experts, where each token reads experts of its own");
  if (!target.model().config().states.empty())
    refuse("drafting needs a model that can take back tokens; this one keeps a state that it cannot turn back");
  if (sees_whole_text(target.model().config()))
    refuse("a diffusion model writes several tokens at once: it takes no drafts");
  EngineOptions options{
      .n_threads = target.n_threads(), .context = target.context(), .parallel = o.parallel, .draft = 0};
  options.map = o.map;
  options.packed_folder = o.packed_folder;
  options.check_memory = o.check_memory;
  options.progress = o.progress;
  options.cancelled = o.cancelled;
  std::shared_ptr<Engine> draft = Engine::load(o.draft_model, std::move(options));
  if (!draft->model().config().states.empty())
    refuse(
        "the draft model keeps a state that it cannot turn back when its guesses are wrong; use one with attention "
        "only");
  if (sees_whole_text(draft->model().config()))
    refuse("a diffusion model cannot draft: it does not write from left to right");
  check_same_vocabulary(draft->tokenizer(), target.tokenizer());
  return draft;
}

ModelDrafter::ModelDrafter(std::shared_ptr<Engine> engine, double cost)
    : engine_(std::move(engine)), sequence_(engine_->open()), cost_(cost) {}

// → the likeliest next token
Token ModelDrafter::read(std::span<const Token> tokens) {
  Token best = 0;
  engine_->evaluate(*sequence_, tokens, kChunk, std::ssize(tokens) - 1, [&](int64_t, std::span<const float> logits) {
    best = static_cast<Token>(std::ranges::max_element(logits) - logits.begin());
  });
  return best;
}

std::vector<Token> ModelDrafter::propose(std::span<const Token> tokens, int n) {
  std::vector<Token> drafted;
  if (tokens.empty() || std::ssize(tokens) + n > engine_->context()) return drafted;
  const std::vector<Token>& held = sequence_->tokens();
  const auto common = std::ranges::mismatch(held, tokens).in1 - held.begin();
  sequence_->truncate(std::min(int64_t{common}, std::ssize(tokens) - 1));  // the last is read for its logits
  try {
    Token next = read(tokens.subspan(held.size()));
    for (; std::ssize(drafted) < n; next = read({&next, 1})) drafted.push_back(next);
  } catch (const Error& error) {
    if (error.code() != Error::Code::invalid) throw;  // other sequences have filled the cache
    sequence_->truncate(0);
  }
  return drafted;
}

}  // namespace loam
