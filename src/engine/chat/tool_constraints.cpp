#include "engine/chat/tool_constraints.h"

#include <fmt/format.h>

#include "base/error.h"
#include "engine/grammar/grammar_matcher.h"

namespace loam {

// The tools whose schemas have no grammar.
std::vector<std::string> ToolConstraints::loose_tools(const std::string& only) const {
  std::vector<std::string> loose;
  for (size_t i = 0; i < tools_.list().size(); ++i) {
    const Tool& tool = tools_.list()[i];
    if (!only.empty() && tool.name != only) continue;
    try {
      grammars_.get(ToolGrammar::arguments(tool));
    } catch (const Error& error) {
      if (error.code() != Error::Code::grammar_error) throw;
      const std::string where = fmt::format("tools[{}].function.parameters{}", i, error.where());
      if (tool.strict) throw Error(error.code(), error.message(), where);
      loose.push_back(tool.name);
    }
  }
  return loose;
}

std::unique_ptr<TokenConstraint> ToolConstraints::compile(
    const std::function<GrammarExpression(const ToolGrammar&)>& of, const std::string& only) const {
  const auto matcher = [&](std::vector<std::string> loose) -> std::unique_ptr<TokenConstraint> {
    const ToolGrammar grammar(format_, tools_, tokenizer_, parallel_, std::move(loose));
    return std::make_unique<GrammarMatcher>(grammars_.get(of(grammar)));
  };
  try {
    return matcher({});
  } catch (const Error& error) {
    auto loose = error.code() == Error::Code::grammar_error ? loose_tools(only) : std::vector<std::string>();
    if (loose.empty()) throw;
    return matcher(std::move(loose));
  }
}

std::unique_ptr<TokenConstraint> ToolConstraints::required(const std::string& only) const {
  return compile([&](const ToolGrammar& grammar) { return grammar.required(only); }, only);
}

std::unique_ptr<TokenConstraint> ToolConstraints::required_or_bare() const {
  return compile([](const ToolGrammar& grammar) { return grammar.required_or_bare(); }, "");
}

std::unique_ptr<TokenConstraint> ToolConstraints::optional() const {
  return compile([](const ToolGrammar& grammar) { return grammar.optional(); }, "");
}

}  // namespace loam
