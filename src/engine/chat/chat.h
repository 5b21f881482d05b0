// One turn of a chat, whatever API asked for it: a conversation becomes a prompt, and the model's text deltas.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/chat/chat_output.h"
#include "engine/token_constraint.h"

namespace loam {

struct ChatOptions {
  ToolChoice tool_choice = ToolChoice::automatic;
  std::string tool_name = {};  // ToolChoice::named
  bool parallel_tool_calls = true;
  std::optional<bool> thinking = {};  // the template's enable_thinking; its own default where not given
  std::string reasoning_effort = {};  // the template's; empty: its own default
  int64_t thinking_budget = -1;       // most tokens of reasoning; -1: no limit
};

// All that a generation and its reader need.
struct ChatTurn {
  std::vector<Token> prompt;
  std::vector<Token> visible;                   // control tokens that the stream decoder shows
  std::vector<Token> ends;                      // tokens that end the answer besides the tokenizer's end tokens
  std::unique_ptr<TokenConstraint> constraint;  // none: every token may come
  ChatOutputParser output;
};

class GrammarCache;

// Knows one model's template, vocabulary and format. For several threads at once.
class Chat {
 public:
  // Both must outlive it. `grammars`: where calls' grammars are compiled, asked for when they are needed; without it,
  // Chat makes a cache of its own.
  Chat(const ChatTemplate& chat_template, const Tokenizer& tokenizer, std::function<GrammarCache&()> grammars = {});
  ~Chat();

  const ChatFormat& format() const;

  // `conversation`: {"messages": […], "tools": […]?, further arguments of the template}. Messages are those of OpenAI's
  // API: roles system, developer, user, assistant, tool; content a string, parts of type text, or null; tool_calls with
  // arguments as JSON text or object; reasoning_content. `answer` constrains what the turn says besides reasoning and
  // calls (a response format). Required calls, and the one of a named tool, are held to the tools' schemas, and so are
  // those of strict tools that the model makes by itself. Error(invalid) with the place ("messages[3].role") for what
  // is none of these; Error(grammar_error) with the place for a strict tool's schema that has no grammar;
  // Error(template_error) as the template raises it.
  ChatTurn begin(const nlohmann::ordered_json& conversation, const ChatOptions& options,
                 std::unique_ptr<TokenConstraint> answer = nullptr) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loam
