// GrammarMatcher: how far one sequence has come in its grammar.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/grammar/grammar.h"
#include "engine/token_constraint.h"

namespace loam {

// Belongs to one thread at a time; matchers of one grammar may run on different threads.
class GrammarMatcher final : public TokenConstraint {
 public:
  explicit GrammarMatcher(std::shared_ptr<const Grammar> grammar);
  ~GrammarMatcher() override;

  // Where nothing can follow, which takes a limit (limits.h) or a vocabulary that lacks bytes, the end tokens are
  // allowed though may_end() is false. The same after a token that was not allowed, and after the end.
  std::span<const uint64_t> allowed() override;
  void accept(Token token) override;

  bool may_end() const { return may_end_; }      // the text so far is complete
  bool has_ended() const { return has_ended_; }  // an end token was accepted
  // The bytes that must come next whatever is chosen, at most `most` of them; empty where there is a choice, or where
  // the text may end.
  std::string forced_text(size_t most = 256);

 private:
  void catch_up();  // grammar_->mutex_ is held

  std::shared_ptr<const Grammar> grammar_;
  std::shared_ptr<Grammar::Working> working_;  // the states that state_ is one of
  int32_t state_ = 0;
  bool may_end_ = false, has_ended_ = false;
  std::vector<uint64_t> words_;  // the mask
};

}  // namespace loam
