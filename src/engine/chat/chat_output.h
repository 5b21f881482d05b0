// What a model's text means: content, reasoning and tool calls, told apart while the text comes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat/chat_format.h"
#include "engine/chat/tool_set.h"

namespace loam {

struct ChatDelta {
  enum class Kind {
    content,    // `text` goes on
    reasoning,  // `text` goes on
    call,       // a call begins: `index`, `id`, `name`; once for each index
    arguments,  // `text` of the call `index` goes on; all of it is one JSON object
    warning,    // `text` says what looked like a call and could not be read; it is part of the content
  };
  Kind kind = Kind::content;
  std::string text = {};
  int index = -1;                  // counts the calls from 0
  std::string id = {}, name = {};  // "call_" and 24 random letters and digits; a declared tool
};

struct ChatOutputOptions {
  std::shared_ptr<const ToolSet> tools = nullptr;  // none: nothing is taken for a call
  bool parallel = true;                            // false: after one call, what looks like another stays text
  bool in_reasoning = false;                       // the prompt ends inside the reasoning
  // Arguments come as they are written, instead of when their call is complete: only where a grammar makes sure that
  // they will be right. A text that is cut short then leaves an incomplete object.
  bool stream_arguments = false;
};

// Fed with pieces, cut anywhere, it gives the same deltas (joined) as for the whole text. Never throws for what a model
// wrote, never loses a byte: each is content, reasoning, a call's, or a marker's around these (with white space beside
// it). Time is linear in the text.
class ChatOutputParser {
 public:
  ChatOutputParser(const ChatFormat& format, ChatOutputOptions options);
  ~ChatOutputParser();
  ChatOutputParser(ChatOutputParser&&) noexcept;

  std::vector<ChatDelta> push(std::string_view piece);
  std::vector<ChatDelta> finish();  // no more text comes
  int n_calls() const;
  // The only call that `parallel` allows is complete: the rest of the text would not be heard.
  bool complete() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loam
