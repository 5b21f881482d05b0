// ModelDrafter: a smaller model with the same vocabulary says what it would write.
#pragma once

#include <memory>

#include "engine/drafter.h"
#include "engine/engine.h"

namespace loam {

// The smaller model that the target's options ask for, or null. Error(invalid) at "draft-model" with both vocabularies'
// sizes, or with the first token that is not the same in both.
std::shared_ptr<Engine> load_draft_model(const Engine& target, const EngineOptions& options);

class ModelDrafter : public Drafter {
 public:
  // `cost` as Drafter::cost.
  ModelDrafter(std::shared_ptr<Engine> engine, double cost);
  // Greedy. Nothing where the text no longer fits the smaller model's context or cache.
  std::vector<Token> propose(std::span<const Token> tokens, int n) override;
  double cost() const override { return cost_; }

 private:
  Token read(std::span<const Token> tokens);

  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Sequence> sequence_;  // holds what it has read: the text, and what it last drafted
  const double cost_;
};

}  // namespace loam
