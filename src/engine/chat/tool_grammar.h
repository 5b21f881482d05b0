// Tool calls in a model's own format, as grammars: what required calls, and calls of strict tools, are held to.
#pragma once

#include <string>
#include <vector>

#include "engine/chat/chat_format.h"
#include "engine/chat/tool_set.h"
#include "engine/grammar/grammar_expression.h"

namespace loam {

class ToolGrammar {
 public:
  // The arguments of a tool, as JSON.
  static GrammarExpression arguments(const Tool& tool);

  // Arguments of the tools named in `loose` may be any object: their schemas have no grammar. All must outlive it.
  ToolGrammar(const ChatFormat& format, const ToolSet& tools, const Tokenizer& tokenizer, bool parallel,
              std::vector<std::string> loose = {})
      : format_(format), tools_(tools), tokenizer_(tokenizer), parallel_(parallel), loose_(std::move(loose)) {}

  // At least one call, of `only` where it is not empty, and nothing else.
  GrammarExpression required(const std::string& only = "") const;
  // The same, or one call as many models write it: JSON without markers, laid out as they like.
  GrammarExpression required_or_bare() const;
  // Any text, in which calls are those of the tools, held from their marker on, or from where JSON names a tool.
  GrammarExpression optional() const;

 private:
  GrammarExpression marked(std::string_view text) const;
  GrammarExpression text_up_to(const std::string& end) const;
  GrammarExpression json_arguments(const Tool& tool) const;
  GrammarExpression call(const Tool& tool, const CallText& text) const;
  GrammarExpression bare_call(const Tool& tool) const;
  GrammarExpression named_call() const;
  GrammarExpression text_without_calls() const;
  GrammarExpression calls(const CallText& text, const std::string& only) const;
  GrammarExpression tagged_arguments(const Tool& tool, const CallText& text) const;
  bool is_loose(const Tool& tool) const;

  const ChatFormat& format_;
  const ToolSet& tools_;
  const Tokenizer& tokenizer_;
  const bool parallel_;
  const std::vector<std::string> loose_;
};

}  // namespace loam
