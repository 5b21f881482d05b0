// Grammar: what a generation must look like, compiled for a vocabulary and shared by all requests that ask for it.
#pragma once

#include <memory>
#include <mutex>

#include "engine/grammar/grammar_expression.h"
#include "engine/grammar/grammar_vocabulary.h"

namespace loam {

class GrammarAutomaton;

// For any number of threads and matchers at once. What it accepts never changes; states and masks are worked out when a
// text first comes to them, and kept within bounds.
class Grammar {
 public:
  // Error(grammar_error) naming the place (a JSON pointer, a line, an offset): what is wrong, not supported, or beyond
  // the limits of limits.h.
  static std::shared_ptr<const Grammar> compile(const GrammarExpression& expression,
                                                std::shared_ptr<const GrammarVocabulary> vocabulary);
  ~Grammar();

  const GrammarVocabulary& vocabulary() const { return *vocabulary_; }
  size_t bytes() const;  // that it takes now, about; without the vocabulary

 private:
  friend class GrammarMatcher;
  struct Working;  // states and masks

  Grammar(std::unique_ptr<const GrammarAutomaton> automaton, std::shared_ptr<const GrammarVocabulary> vocabulary);
  std::shared_ptr<Working> working() const;  // mutex_ is held

  std::unique_ptr<const GrammarAutomaton> automaton_;
  std::shared_ptr<const GrammarVocabulary> vocabulary_;
  mutable std::mutex mutex_;  // of working_ and what it points to
  mutable std::shared_ptr<Working> working_;
};

}  // namespace loam
