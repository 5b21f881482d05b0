#include "engine/grammar/grammar_cache.h"

#include <algorithm>

#include "engine/grammar/limits.h"

namespace loam {

std::shared_ptr<const Grammar> GrammarCache::get(const GrammarExpression& expression) {
  {
    const std::lock_guard lock(mutex_);
    if (auto grammar = find(expression.key())) return grammar;
  }
  auto compiled = Grammar::compile(expression, vocabulary_);
  const std::lock_guard lock(mutex_);
  if (auto grammar = find(expression.key())) return grammar;
  recent_.push_front({expression.key(), compiled});
  drop_old();
  return compiled;
}

size_t GrammarCache::size() const {
  const std::lock_guard lock(mutex_);
  return recent_.size();
}

std::shared_ptr<const Grammar> GrammarCache::find(const std::string& key) {
  const auto at = std::ranges::find(recent_, key, &Entry::key);
  if (at == recent_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, at);
  return recent_.front().grammar;
}

// Grammars grow while they are used, so all are weighed when one more comes.
void GrammarCache::drop_old() {
  size_t bytes = 0, n = 0;
  for (auto at = recent_.begin(); at != recent_.end(); ++n) {
    bytes += at->grammar->bytes() + at->key.size();
    const bool fits = n < grammar_limits::kCachedGrammars && bytes <= grammar_limits::kCachedBytes;
    at = fits || n == 0 ? std::next(at) : recent_.erase(at);
  }
}

}  // namespace loam
