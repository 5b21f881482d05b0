#include "engine/chat/thinking_budget.h"

#include <algorithm>

#include "file/gguf.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

// Allows one text, token by token, and then the end.
class OnlyText final : public TokenConstraint {
 public:
  OnlyText(const Tokenizer& tokenizer, std::vector<Token> tokens) : tokens_(std::move(tokens)) {
    tokens_.push_back(tokenizer.eos());
    mask_.resize((static_cast<size_t>(tokenizer.n_vocab()) + 63) / 64);
  }
  std::span<const uint64_t> allowed() override {
    std::ranges::fill(mask_, 0);
    mask_[static_cast<size_t>(tokens_[n_]) / 64] |= uint64_t{1} << tokens_[n_] % 64;
    return mask_;
  }
  void accept(Token token) override {
    EXPECT_EQ(token, tokens_[n_]);
    n_ = std::min(n_ + 1, tokens_.size() - 1);
  }

 private:
  std::vector<Token> tokens_;
  std::vector<uint64_t> mask_;
  size_t n_ = 0;
};

class ThinkingBudgetTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = fixture_path("tokenizers/ggml-vocab-qwen2.gguf");
    LOAM_NEEDS(path);
    file_ = GgufFile::open(path);
    tokenizer_ = Tokenizer::load(file_->metadata());
    single_.reasoning = {"<|im_start|>", "</think>"};  // begun by one token, as in most models
    spelled_.reasoning = {"<think>", "</think>"};      // markers that this vocabulary has to spell
  }

  std::vector<Token> tokens_of(const std::string& text) const { return tokenizer_->encode(text, {.special = true}); }
  std::unique_ptr<TokenConstraint> answer(const std::string& text) const {
    return std::make_unique<OnlyText>(*tokenizer_, tokens_of(text));
  }

  // What is written by somebody who says `wanted` wherever he is free to, for `n` tokens or until the end.
  std::string write(TokenConstraint& constraint, const std::vector<Token>& wanted, size_t n) const {
    std::vector<Token> written;
    for (size_t next = 0; written.size() < n;) {
      const auto mask = constraint.allowed();
      const auto allows = [&](Token t) {
        return mask.empty() || (mask[static_cast<size_t>(t) / 64] >> t % 64 & 1) != 0;
      };
      Token token = wanted[std::min(next, wanted.size() - 1)];
      if (allows(token)) {
        ++next;
      } else {
        for (token = 0; !allows(token);) ++token;
      }
      if (tokenizer_->is_end(token)) break;
      constraint.accept(token);
      written.push_back(token);
    }
    return tokenizer_->decode(written, true);
  }

  std::unique_ptr<GgufFile> file_;
  std::unique_ptr<Tokenizer> tokenizer_;
  ChatFormat single_, spelled_;
};

TEST_F(ThinkingBudgetTest, NothingToDoIsNothing) {
  EXPECT_EQ(with_thinking(ChatFormat{}, *tokenizer_, {.budget = 5}, nullptr), nullptr);
  EXPECT_EQ(with_thinking(spelled_, *tokenizer_, {}, nullptr), nullptr);
  auto inner = answer("yes");
  const TokenConstraint* const same = inner.get();
  EXPECT_EQ(with_thinking(ChatFormat{}, *tokenizer_, {}, std::move(inner)).get(), same);
}

TEST_F(ThinkingBudgetTest, TheEndOfTheReasoningIsForced) {
  const auto thought = tokens_of(" a b c d e f g h");
  const auto open = with_thinking(spelled_, *tokenizer_, {.budget = 5, .in_reasoning = true}, nullptr);
  EXPECT_EQ(write(*open, thought, 14), " a b c d e\n</think>\n\n f g h h h");
  const auto opens_itself = with_thinking(spelled_, *tokenizer_, {.budget = 3}, nullptr);
  EXPECT_EQ(write(*opens_itself, tokens_of("<think> a b c d e"), 12), "<think> a b c\n</think>\n\n d e");
  const auto none = with_thinking(spelled_, *tokenizer_, {.budget = 0, .in_reasoning = true}, nullptr);
  EXPECT_EQ(write(*none, thought, 6), "</think>\n\n a b c");
}

TEST_F(ThinkingBudgetTest, TheLastPartOfABudgetEndsWithASentence) {
  const auto constraint = with_thinking(spelled_, *tokenizer_, {.budget = 16, .in_reasoning = true}, nullptr);
  EXPECT_EQ(write(*constraint, tokens_of(" a. b c d e f g h i j k l m. n o p q"), 20),
            " a. b c d e f g h i j k l m.\n</think>\n\n n");
}

TEST_F(ThinkingBudgetTest, CharactersAreNotCut) {
  const auto thought = tokens_of("𓀀𓀀");  // in pieces of bytes
  ASSERT_GT(thought.size(), 4u);
  const auto constraint = with_thinking(spelled_, *tokenizer_, {.budget = 1, .in_reasoning = true}, nullptr);
  EXPECT_TRUE(write(*constraint, thought, 9).starts_with("𓀀\n</think>\n\n"));
}

TEST_F(ThinkingBudgetTest, WhoDoesNotThinkIsNotStopped) {
  const auto constraint = with_thinking(spelled_, *tokenizer_, {.budget = 2}, nullptr);
  EXPECT_EQ(write(*constraint, tokens_of("Hello, I say <think> a b c d"), 11), "Hello, I say <think> a b c d");
}

TEST_F(ThinkingBudgetTest, TheAnswerIsHeldOnlyBehindTheReasoning) {
  const auto inside = with_thinking(single_, *tokenizer_, {.in_reasoning = true}, answer("yes"));
  EXPECT_EQ(write(*inside, tokens_of(" a b</think> no"), 20), " a b</think>yes");
  const auto opens = with_thinking(single_, *tokenizer_, {}, answer("yes"));
  EXPECT_EQ(write(*opens, tokens_of("<|im_start|> a</think> no"), 20), "<|im_start|> a</think>yes");
  const auto at_once = with_thinking(single_, *tokenizer_, {}, answer("yes"));
  EXPECT_EQ(write(*at_once, tokens_of("yes"), 20), "yes");
  const auto forbidden = with_thinking(single_, *tokenizer_, {.may_open = false}, answer("yes"));
  EXPECT_EQ(write(*forbidden, tokens_of("<|im_start|> a"), 20), "yes");
  const auto short_of = with_thinking(single_, *tokenizer_, {.budget = 2, .in_reasoning = true}, answer("yes"));
  EXPECT_EQ(write(*short_of, tokens_of(" a b c d"), 20), " a b\n</think>\n\nyes");
}

TEST_F(ThinkingBudgetTest, TheTextDoesNotEndWhileItIsThoughtOf) {
  const auto constraint = with_thinking(spelled_, *tokenizer_, {.in_reasoning = true}, answer("yes"));
  for (const Token end : tokenizer_->end_tokens()) {
    const auto mask = constraint->allowed();
    EXPECT_EQ(mask[static_cast<size_t>(end) / 64] >> end % 64 & 1, 0u);
  }
}

TEST_F(ThinkingBudgetTest, HarmonyGoesOnWithTheNextHeader) {
  const ChatFormat harmony = ChatFormat::of(ChatTemplate("{# <|channel|> <|message|> #}"));
  const auto final = with_thinking(harmony, *tokenizer_, {.budget = 2}, answer("{}"));
  EXPECT_EQ(write(*final, tokens_of(" a b c d"), 60),
            "<|channel|>analysis<|message|> a b<|end|><|start|>assistant<|channel|>final<|message|>{}");
  const auto call = with_thinking(harmony, *tokenizer_, {.budget = 20, .calls = true}, answer(" to=functions.f"));
  EXPECT_EQ(write(*call, tokens_of(" a<|end|> x y"), 60),
            "<|channel|>analysis<|message|> a<|end|><|start|>assistant to=functions.f");
}

}  // namespace
}  // namespace loam::test
