// Messages → prompt tokens: the template's own markup becomes control tokens, what people wrote never does.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/chat_template.h"
#include "tokenizer/tokenizer.h"

namespace loam {

// Text that comes from messages and tools may spell control tokens ("<|im_start|>"), wholly or in pieces that the
// template joins. Each such place is rendered with a marker behind its first character. In the rendered text the
// markers are removed again, and a control token that would contain one is read as ordinary text.
class ChatPrompt {
 public:
  // Both must outlive it.
  ChatPrompt(const ChatTemplate& chat_template, const Tokenizer& tokenizer);

  // `arguments`: the template's (ChatTemplate::render). Unless given, bos_token and eos_token come from the vocabulary
  // and add_generation_prompt is true. BOS comes first where the metadata asks for it, once. `adapt` may change the
  // arguments once what people wrote is marked: what it adds is trusted like the template's own text.
  // Error(template_error) as the template raises it.
  std::vector<Token> encode(nlohmann::ordered_json arguments,
                            const std::function<void(nlohmann::ordered_json&)>& adapt = {}) const;

 private:
  struct ControlToken {
    std::string_view text;
    Token token;
  };
  struct Match {
    Token token = -1;  // of the longest control token that the text holds here
    size_t length = 0;
    bool open = false;  // the text ends inside what may become a control token
  };
  struct Marked {
    std::string text;               // without markers
    std::vector<size_t> positions;  // in `text`, ascending: where the markers were
  };

  Match match(std::string_view text, size_t begin) const;
  bool protect(nlohmann::ordered_json& value, const std::string& marker) const;
  bool protect(std::string& text, const std::string& marker) const;
  static Marked remove_markers(const std::string& text, const std::string& marker);
  std::vector<Token> tokens_of(const Marked& prompt) const;

  const ChatTemplate& template_;
  const Tokenizer& tokenizer_;
  std::vector<ControlToken> controls_;  // by text
};

}  // namespace loam
