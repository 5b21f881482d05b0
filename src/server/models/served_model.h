// A model that is ready to answer: its runner, and what turns requests into prompts and constraints for it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/chat/chat.h"
#include "engine/grammar/grammar_cache.h"
#include "server/api/generation_request.h"
#include "server/models/model_runner.h"
#include "server/models/settings.h"

namespace loam {

class ServedModel {
 public:
  ServedModel(ModelSettings settings, std::unique_ptr<Engine> engine);

  const ModelSettings& settings() const { return settings_; }
  const std::string& name() const { return settings_.name; }
  const Engine& engine() const { return runner_.engine(); }
  ModelRunner& runner() { return runner_; }

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
  ModelRunner runner_;
};

}  // namespace loam
