#include "engine/chat/combined_constraints.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace loam {
namespace {

class EitherConstraint final : public TokenConstraint {
 public:
  EitherConstraint(std::unique_ptr<TokenConstraint> a, std::unique_ptr<TokenConstraint> b)
      : a_(std::move(a)), b_(std::move(b)) {}

  std::span<const uint64_t> allowed() override {
    if (!a_ || !b_) return (a_ ? a_ : b_)->allowed();
    const auto a = a_->allowed(), b = b_->allowed();
    if (a.empty() || b.empty()) return {};
    words_.resize(a.size());
    std::ranges::transform(a, b, words_.begin(), std::bit_or());
    return words_;
  }

  void accept(Token token) override {
    if (a_ && b_) {
      const bool a = allows(a_->allowed(), token), b = allows(b_->allowed(), token);
      if (!a && b) a_ = nullptr;
      if (!b && a) b_ = nullptr;
    }
    if (a_) a_->accept(token);
    if (b_) b_->accept(token);
  }

 private:
  std::unique_ptr<TokenConstraint> a_, b_;
  std::vector<uint64_t> words_;
};

class BehindConstraint final : public TokenConstraint {
 public:
  BehindConstraint(std::vector<Token> tokens, int n_vocab, std::unique_ptr<TokenConstraint> rest)
      : tokens_(std::move(tokens)), rest_(std::move(rest)), words_((static_cast<size_t>(n_vocab) + 63) / 64) {}

  std::span<const uint64_t> allowed() override {
    if (n_said_ == tokens_.size()) return rest_->allowed();
    const auto token = static_cast<size_t>(tokens_[n_said_]);
    std::ranges::fill(words_, 0);
    words_[token / 64] = uint64_t{1} << token % 64;
    return words_;
  }

  void accept(Token token) override {
    if (n_said_ == tokens_.size()) return rest_->accept(token);
    ++n_said_;
  }

 private:
  const std::vector<Token> tokens_;
  const std::unique_ptr<TokenConstraint> rest_;
  std::vector<uint64_t> words_;
  size_t n_said_ = 0;  // of tokens_
};

}  // namespace

std::unique_ptr<TokenConstraint> either(std::unique_ptr<TokenConstraint> a, std::unique_ptr<TokenConstraint> b) {
  return std::make_unique<EitherConstraint>(std::move(a), std::move(b));
}

std::unique_ptr<TokenConstraint> behind(std::vector<Token> tokens, int n_vocab, std::unique_ptr<TokenConstraint> rest) {
  return std::make_unique<BehindConstraint>(std::move(tokens), n_vocab, std::move(rest));
}

}  // namespace loam
