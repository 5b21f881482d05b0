// From what a request says to the tokens that a model reads, cut where the request allows it to be cut.
#pragma once

#include <string>
#include <vector>

#include "server/models/served_model.h"

namespace loam {

struct PreparedPrompt {
  std::vector<Token> tokens;
  std::string text;             // as given, for echo
  std::vector<ChatTurn> turns;  // of a chat: one for each choice
  int64_t dropped_messages = 0, dropped_tokens = 0;
};

// Tokens that prompt and answer of the request may hold together on this model.
int64_t context_of(const ServedModel& model, const GenerationRequest& request);

// One for a chat; one for each prompt of a completion. Error(invalid) for messages, tools and tokens that are none;
// Error(context_length) with both numbers for what does not fit; Error(template_error), Error(grammar_error).
std::vector<PreparedPrompt> prepare_prompts(const ServedModel& model, const GenerationRequest& request);

}  // namespace loam
