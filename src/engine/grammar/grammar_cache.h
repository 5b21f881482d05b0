// The grammars that were asked for last, compiled once.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "engine/grammar/grammar.h"

namespace loam {

// Bounded in number and bytes (limits.h). For any number of threads.
class GrammarCache {
 public:
  explicit GrammarCache(std::shared_ptr<const GrammarVocabulary> vocabulary) : vocabulary_(std::move(vocabulary)) {}

  // Error(grammar_error) as Grammar::compile says. Compiles outside of its lock: two threads that ask for the same new
  // grammar may both compile it, and get the one that was there first.
  std::shared_ptr<const Grammar> get(const GrammarExpression& expression);
  size_t size() const;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Grammar> grammar;
  };

  std::shared_ptr<const Grammar> find(const std::string& key);  // mutex_ is held
  void drop_old();

  const std::shared_ptr<const GrammarVocabulary> vocabulary_;
  mutable std::mutex mutex_;
  std::list<Entry> recent_;  // the last used first
};

}  // namespace loam
