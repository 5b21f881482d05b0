// Diffusion models: texts of blocks that are filled in, against the same done by hand with the logits of whole texts.
#include <algorithm>
#include <cmath>

#include "engine/masked_block.h"
#include "tests/engine/engine_support.h"
#include "tests/engine/tiny_engine.h"

namespace loam {
namespace {

constexpr Token kMask = 7;

class DiffusionTest : public testing::Test {
 protected:
  std::unique_ptr<Engine> load(bool one_behind = false, EngineOptions options = {}) const {
    const std::string path = folder_ / "llada.gguf";
    test::RandomModel{.arch = "llada"}.write(path);
    options.overrides = {"tokenizer.ggml.mask_token_id=int:" + std::to_string(kMask),
                         std::string("diffusion.shift_logits=bool:") + (one_behind ? "true" : "false")};
    if (options.context == 0) options.context = 256;
    return Engine::load(path, options);
  }

  const test::TempFolder folder_;
};

SamplingOptions likeliest_tokens(int64_t n_tokens) {
  SamplingOptions options;
  options.temperature = 0;
  options.max_tokens = n_tokens;
  return options;
}

// The likeliest token of a row but the mask, and the logarithm of its probability among them.
std::pair<Token, double> likeliest(std::vector<float> row) {
  row[kMask] = -INFINITY;
  const auto best = std::ranges::max_element(row);
  double sum = 0;
  for (const float logit : row) sum += std::exp(double{logit} - *best);
  return {static_cast<Token>(best - row.begin()), -std::log(sum)};
}

// A block behind `text`, by the rule: the likeliest, and all that have a probability of 0.9.
std::vector<Token> fill_by_hand(Engine& engine, const std::vector<Token>& text, int64_t n_tokens, bool one_behind) {
  std::vector<Token> all = text;
  all.resize(text.size() + static_cast<size_t>(n_tokens), kMask);
  const auto n_vocab = static_cast<size_t>(engine.model().config().n_vocab);
  std::vector<bool> known(all.size(), false);
  std::fill_n(known.begin(), text.size(), true);
  while (std::ranges::find(known, false) != known.end()) {
    const std::vector<float> logits = test::logits(engine, all);
    std::vector<std::pair<Token, double>> choices(all.size());
    size_t best = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      if (known[i]) continue;
      const auto row = logits.begin() + static_cast<std::ptrdiff_t>((one_behind ? i - 1 : i) * n_vocab);
      choices[i] = likeliest({row, row + static_cast<std::ptrdiff_t>(n_vocab)});
      if (best == 0 || choices[i].second > choices[best].second) best = i;
    }
    for (size_t i = 0; i < all.size(); ++i)
      if (!known[i] && (i == best || choices[i].second >= std::log(0.9))) known[i] = true, all[i] = choices[i].first;
  }
  return all;
}

TEST_F(DiffusionTest, FillsBlocksAsTheirRowsSay) {
  for (const bool one_behind : {false, true}) {
    SCOPED_TRACE(one_behind);
    const auto engine = load(one_behind);
    const std::vector<Token> prompt = test::some_tokens(9);
    std::vector<Token> expected = prompt;
    for (const int64_t n : {MaskedBlock::kMostTokens, int64_t{6}}) {
      if (std::ranges::find(expected.begin() + 9, expected.end(), Token{256}) != expected.end()) break;
      expected = fill_by_hand(*engine, expected, n, one_behind);
    }
    const auto sequence = engine->open();
    std::string text;
    const GenerateResult result =
        engine->generate(*sequence, prompt, likeliest_tokens(38), [&](std::string_view piece) {
          text += piece;
          return true;
        });
    const auto end = std::find(expected.begin() + 9, expected.end(), Token{256});
    const std::vector<Token> written(expected.begin() + 9, end == expected.end() ? end : end + 1);
    EXPECT_EQ(result.tokens, written);
    EXPECT_EQ(result.text, text);
    EXPECT_EQ(result.finish, end == expected.end() ? FinishReason::length : FinishReason::end_token);
    EXPECT_EQ(result.n_reused, 0);
  }
}

TEST_F(DiffusionTest, ATextIsTheSameAloneAndInCompany) {
  const auto engine = load(false, {.parallel = 3});
  std::vector<std::vector<Token>> alone, together(3);
  const auto prompt = [](int i) { return test::some_tokens(5 + 11 * i); };
  for (int i = 0; i < 3; ++i)
    alone.push_back(engine->generate(*engine->open(), prompt(i), likeliest_tokens(40), {}).tokens);
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (int i = 0; i < 3; ++i) {
    sequences.push_back(engine->open());
    engine->start(*sequences.back(), prompt(i), likeliest_tokens(40));
  }
  for (auto results = engine->step(); !results.empty(); results = engine->step())
    for (const StepResult& result : results)
      for (size_t i = 0; i < 3; ++i)
        if (result.sequence == sequences[i].get() && result.token >= 0) together[i].push_back(result.token);
  EXPECT_EQ(together, alone);
}

TEST_F(DiffusionTest, AConversationGoesOn) {
  const auto engine = load();
  const auto sequence = engine->open();
  engine->generate(*sequence, test::some_tokens(9), likeliest_tokens(10), {});
  std::vector<Token> longer = sequence->tokens();
  longer.push_back(65);
  const auto again = engine->generate(*sequence, longer, likeliest_tokens(10), {});
  EXPECT_EQ(again.tokens, engine->generate(*engine->open(), longer, likeliest_tokens(10), {}).tokens);
}

TEST_F(DiffusionTest, EndsWithTheContext) {
  const auto engine = load(false, {.context = 40});
  SamplingOptions options = likeliest_tokens(-1);
  options.ignore_eos = true;
  const GenerateResult result = engine->generate(*engine->open(), test::some_tokens(9), options, {});
  EXPECT_EQ(result.finish, FinishReason::context_full);
  EXPECT_EQ(std::ssize(result.tokens), 31);
  test::expect_error(Error::Code::invalid, "context", "leaves no room",
                     [&] { engine->generate(*engine->open(), test::some_tokens(40), likeliest_tokens(1), {}); });
}

TEST_F(DiffusionTest, LogitsAreOfTheWholeTextHoweverItIsCut) {
  const auto engine = load();
  const std::vector<Token> tokens = test::some_tokens(40);
  const std::vector<float> whole = test::logits(*engine, tokens, 512);
  for (const int chunk : {1, 7}) EXPECT_TRUE(test::same_bits(test::logits(*engine, tokens, chunk), whole));
  std::vector<Token> other = tokens;
  other.back() = 3;
  const std::vector<float> changed = test::logits(*engine, other);
  EXPECT_FALSE(std::equal(changed.begin(), changed.begin() + 257, whole.begin()))
      << "the first row sees the last token";
}

TEST_F(DiffusionTest, GivesTheProbabilitiesOfWhatItWrites) {
  const auto engine = load();
  SamplingOptions options = likeliest_tokens(1);
  options.logprobs = 2;
  const std::vector<Token> prompt = test::some_tokens(9);
  const GenerateResult result = engine->generate(*engine->open(), prompt, options, {});
  std::vector<Token> masked = prompt;
  masked.push_back(kMask);
  const std::vector<float> all = test::logits(*engine, masked);
  const auto [token, logprob] = likeliest({all.end() - 257, all.end()});
  ASSERT_EQ(result.scored.size(), 1u);
  EXPECT_EQ(result.scored[0].token, token);
  EXPECT_NEAR(*result.scored[0].logprob, logprob, 1e-4);
  EXPECT_EQ(result.scored[0].top.size(), 2u);
}

class AnyToken : public TokenConstraint {
 public:
  TokenMask allowed() override { return {}; }
  void accept(Token) override {}
};

TEST_F(DiffusionTest, RefusesWhatNeedsATextFromLeftToRight) {
  const auto engine = load();
  const auto sequence = engine->open();
  test::expect_error(Error::Code::unsupported, "grammar", "grammar", [&] {
    engine->start(*sequence, test::some_tokens(3), StartOptions{.constraint = std::make_shared<AnyToken>()});
  });
  SamplingOptions options = likeliest_tokens(1);
  options.prompt_logprobs = 0;
  test::expect_error(Error::Code::unsupported, "prompt_logprobs", "prompt",
                     [&] { engine->start(*sequence, test::some_tokens(3), options); });
  EXPECT_TRUE(sequence->tokens().empty());
}

TEST_F(DiffusionTest, WithoutAMaskItSaysHowToGiveOne) {
  const std::string path = folder_ / "no_mask.gguf";
  test::RandomModel{.arch = "llada"}.write(path);
  const auto engine = Engine::load(path, {.context = 64});
  EXPECT_FALSE(test::logits(*engine, test::some_tokens(3)).empty());
  test::expect_error(Error::Code::model_invalid, "tokenizer.ggml.mask_token_id", "--override",
                     [&] { engine->generate(*engine->open(), test::some_tokens(3), likeliest_tokens(1), {}); });
}

}  // namespace
}  // namespace loam
