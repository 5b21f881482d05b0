#include "engine/grammar/grammar.h"

#include <fmt/format.h>

#include "base/error.h"
#include "engine/grammar/automaton.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/rules.h"
#include "engine/grammar/working.h"

namespace loam {

std::shared_ptr<const Grammar> Grammar::compile(const GrammarExpression& expression,
                                                std::shared_ptr<const GrammarVocabulary> vocabulary) {
  GrammarRules rules;
  const RuleId root = rules.add_rule("root");
  rules.define(root, expression.add_to(rules));
  auto automaton = std::make_unique<const GrammarAutomaton>(rules, root);
  for (const Token token : automaton->tokens()) {
    if (token >= 0 && token < vocabulary->n_vocab()) continue;
    throw Error(Error::Code::grammar_error,
                fmt::format("token {} is named; the vocabulary has 0 to {}", token, vocabulary->n_vocab() - 1));
  }
  return std::shared_ptr<const Grammar>(new Grammar(std::move(automaton), std::move(vocabulary)));
}

Grammar::Grammar(std::unique_ptr<const GrammarAutomaton> automaton, std::shared_ptr<const GrammarVocabulary> vocabulary)
    : automaton_(std::move(automaton)), vocabulary_(std::move(vocabulary)) {}

Grammar::~Grammar() = default;

size_t Grammar::bytes() const {
  const std::lock_guard lock(mutex_);
  return automaton_->bytes() + (working_ ? working_->states.bytes() + working_->masks.bytes() : 0);
}

// Matchers that are on their way keep the states they know, and take the step to new ones when they next ask.
std::shared_ptr<Grammar::Working> Grammar::working() const {
  if (!working_ || working_->states.bytes() > grammar_limits::kStateBytes) {
    working_ = std::make_shared<Working>(*automaton_, *vocabulary_);
  }
  return working_;
}

}  // namespace loam
