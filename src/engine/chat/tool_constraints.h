// The grammars of tool calls, compiled: a constraint for one answer.
#pragma once

#include <memory>
#include <string>

#include "engine/chat/tool_grammar.h"
#include "engine/grammar/grammar_cache.h"
#include "engine/token_constraint.h"

namespace loam {

class ToolConstraints {
 public:
  // All must outlive it.
  ToolConstraints(const ChatFormat& format, const ToolSet& tools, const Tokenizer& tokenizer, bool parallel,
                  GrammarCache& grammars)
      : format_(format), tools_(tools), tokenizer_(tokenizer), parallel_(parallel), grammars_(grammars) {}

  // As ToolGrammar. Arguments of a tool that is not strict may be any object where its schema has no grammar; for a
  // strict one that is Error(grammar_error) with its place.
  std::unique_ptr<TokenConstraint> required(const std::string& only) const;
  std::unique_ptr<TokenConstraint> required_or_bare() const;
  std::unique_ptr<TokenConstraint> optional() const;

 private:
  std::unique_ptr<TokenConstraint> compile(const std::function<GrammarExpression(const ToolGrammar&)>& of,
                                           const std::string& only) const;
  std::vector<std::string> loose_tools(const std::string& only) const;

  const ChatFormat& format_;
  const ToolSet& tools_;
  const Tokenizer& tokenizer_;
  const bool parallel_;
  GrammarCache& grammars_;
};

}  // namespace loam
