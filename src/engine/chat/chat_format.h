// How a model writes tool calls and reasoning: markers around bodies, found from its chat template.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

namespace loam {

enum class CallBody {
  json,     // an object with a name and arguments, a list of such, or a name and a separator before the arguments
  tagged,   // each argument between tags
  python,   // [name(argument=value, …), …]
  harmony,  // the header of a message names the recipient
};

struct MarkerPair {
  std::string begin = {}, end = {};
};

// A call as the model would write it. "#" stands for a number.
struct CallText {
  std::string list_begin = {}, call_begin = {};  // call_begin ends where the name stands
  std::string arguments = {};                    // between the name and the arguments
  std::string call_end = {}, separator = {}, list_end = {};
  // tagged and python: around each argument's name and value.
  std::string key_begin = {}, value_begin = {}, value_end = {};
  bool single = false;  // the model was not taught to call several tools at once
};

struct CallSyntax {
  CallBody body = CallBody::json;
  std::vector<std::string> begins = {};      // what calls begin with, besides bare and fenced JSON
  std::vector<std::string> ends = {};        // what may stand behind a call
  std::vector<std::string> separators = {};  // markers within a call; json: between a name and its arguments
  CallText text = {};
};

// What harmony's answer begins with, behind the reasoning.
inline constexpr const char* kHarmonyAnswer = "<|channel|>final<|message|>";

struct ChatFormat {
  std::string name = {};
  CallSyntax calls = {};
  MarkerPair reasoning = {};  // empty: the model does not reason apart
  MarkerPair answer = {};     // around what is neither reasoning nor a call

  // The first known format whose markers the template's source holds, else one whose markers the vocabulary holds
  // (a tokenizer may be missing); bare or fenced JSON where none is.
  static ChatFormat of(const ChatTemplate& chat_template, const Tokenizer* tokenizer = nullptr);

  // The vocabulary's control tokens that are markers: the stream decoder must show them. Ascending.
  std::vector<Token> visible(const Tokenizer& tokenizer) const;
  // Tokens that end a turn besides the tokenizer's end tokens.
  std::vector<Token> ends(const Tokenizer& tokenizer) const;
  // Whether a prompt that ends so leaves the model inside its reasoning.
  bool opens_reasoning(std::string_view prompt) const;
};

}  // namespace loam
