// A model that is ready to answer: its runner, and what turns requests into prompts and constraints for it. Or an
// embedding model, which makes vectors and has a runner of another kind.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/chat/chat.h"
#include "engine/grammar/grammar_cache.h"
#include "server/api/generation_request.h"
#include "server/models/embedding_runner.h"
#include "server/models/model_runner.h"
#include "server/models/settings.h"

namespace loam {

class ServedModel {
 public:
  ServedModel(ModelSettings settings, std::unique_ptr<Engine> engine);
  ServedModel(ModelSettings settings, std::unique_ptr<Embedder> embedder);

  const ModelSettings& settings() const { return settings_; }
  const std::string& name() const { return settings_.name; }
  // Of models that make text. Error(invalid, "model") for an embedding model.
  const Engine& engine() const { return runner().engine(); }
  ModelRunner& runner() const;
  // Of embedding models. Error(invalid, "model") for one that makes text.
  EmbeddingRunner& embedding_runner() const;

  // ---- of both kinds ----
  const Tokenizer& tokenizer() const;
  int64_t context() const;  // tokens of a text
  bool idle() const;
  RunnerCounts counts() const;
  void stop();                                 // as ModelRunner::stop
  void forget(const std::string& cache_salt);  // as ModelRunner::forget

  bool has_chat() const { return chat_ != nullptr; }
  // Error(template_error) where the model has no chat template, or a broken one.
  const Chat& chat() const;
  // What holds the text to the shape; none where it is free. Error(grammar_error) where the shape cannot be held to.
  std::unique_ptr<TokenConstraint> constraint(const OutputShape& shape) const;

 private:
  GrammarCache& grammars() const;

  const ModelSettings settings_;
  std::unique_ptr<Chat> chat_;
  std::optional<Error> chat_error_;  // why there is none
  mutable std::once_flag grammars_made_;
  mutable std::unique_ptr<GrammarCache> grammars_;  // made when a shape is first asked for
  std::unique_ptr<ModelRunner> runner_;
  std::unique_ptr<EmbeddingRunner> embedding_runner_;  // instead of the former
};

}  // namespace loam
