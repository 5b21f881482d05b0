// What any of the APIs asks for, in one form: every endpoint reads its JSON into this, and nothing behind it knows
// which.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/chat/chat.h"
#include "engine/engine.h"
#include "memory/exchange.h"
#include "server/api/schema.h"

namespace loam {

inline constexpr size_t kMaxMessages = 100'000, kMaxTools = 128;  // of one request

using Prompt = std::variant<std::string, std::vector<Token>>;

// How the text must be shaped.
struct OutputShape {
  enum class Kind { free, json_object, json_schema, grammar, regex, choices };
  Kind kind = Kind::free;
  Json schema = {};                       // json_schema
  std::string text = {};                  // grammar: GBNF; regex
  std::vector<std::string> choices = {};  // choices
};

struct GenerationRequest {
  std::string model;                   // a model's or profile's name; empty: the first one served
  Json conversation = Json::object();  // of a chat, as Chat::begin takes it: {"messages", "tools"?, template arguments}
  ChatOptions chat;
  std::vector<Prompt> prompts;  // of a completion; none: it is a chat
  SamplingOptions sampling;
  int n = 1, best_of = 0;  // best_of 0: as n
  bool echo = false;       // completions: the prompt's text comes first, with its logprobs where asked
  OutputShape shape;
  bool truncate = false;        // drop the oldest messages that do not fit, and say so; else they are refused
  int experts = 0;              // per token; 0: as the model or profile says
  std::optional<KvOptions> kv;  // of this request's cache
  int64_t context = 0;          // most tokens of prompt and answer; 0: as many as the model was loaded for
  int priority = 0;             // −4 to 4; higher goes first
  MemoryOptions memory;         // of a chat
  std::optional<bool> wait;     // for a model that is loading; unless given, as the server was started
  bool stream = false, include_usage = false;
  bool return_progress = false;  // a stream tells how far the prompt is read
  bool random_seed = true;       // no seed was given

  bool is_chat() const { return prompts.empty(); }
};

}  // namespace loam
