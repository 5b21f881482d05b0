// What a chat template can render, found by rendering short conversations with it.
#pragma once

#include "tokenizer/chat_template.h"

namespace loam {

struct TemplateTraits {
  bool system = false;          // a system message shows
  bool tools = false;           // the list of tools shows
  bool calls = false;           // an assistant's tool_calls show,
  bool several_calls = false;   // all of them where a message has several
  bool text_arguments = false;  // their arguments are wanted as JSON text, else as an object
  bool null_content = false;    // a message that only calls has the content null, else ""
  bool short_ids = false;       // ids of calls have 9 letters and digits
  bool results = false;         // messages of the role tool show
  bool alternating = false;     // two messages of a user in a row are refused

  static TemplateTraits of(const ChatTemplate& chat_template);
};

}  // namespace loam
