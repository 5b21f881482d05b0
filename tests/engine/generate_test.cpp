// Generating text with SmolLM2: stop strings, seeds, reuse of the cache, and company in the batch.
#include <map>

#include "base/error.h"
#include "engine/engine.h"
#include "tests/support/support.h"

namespace loam {
namespace {

class Generate : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = test::model_path("smollm2-135m");
    LOAM_NEEDS(path);
    engine_ = Engine::load(path, {.n_threads = 2, .context = 512, .parallel = 4, .chunk = 16});
  }

  std::vector<Token> encode(const std::string& text) const {
    return engine_->tokenizer().encode(text, {.special = true, .add_special = true});
  }

  GenerateResult generate(const std::string& prompt, const SamplingOptions& options) {
    const auto sequence = engine_->open();
    return engine_->generate(*sequence, encode(prompt), options, {});
  }

  std::unique_ptr<Engine> engine_;
};

const std::string kCapital = "The capital of France is";
const std::string kFruits = "<|im_start|>user\nName three fruits.<|im_end|>\n<|im_start|>assistant\n";

SamplingOptions greedy(int64_t max_tokens) { return {.temperature = 0, .max_tokens = max_tokens}; }

TEST_F(Generate, EndsAtTheEndToken) {
  const GenerateResult result = generate(kFruits, greedy(-1));
  EXPECT_EQ(result.finish, FinishReason::end_token);
  EXPECT_TRUE(engine_->tokenizer().is_end(result.tokens.back()));
  EXPECT_EQ(result.text.find("<|im_end|>"), std::string::npos);
  EXPECT_FALSE(result.text.empty());
}

TEST_F(Generate, EndsAfterMaxTokens) {
  const GenerateResult result = generate(kCapital, greedy(7));
  EXPECT_EQ(result.finish, FinishReason::length);
  EXPECT_EQ(result.tokens.size(), 7u);
  EXPECT_EQ(result.text, engine_->tokenizer().decode(result.tokens));
  EXPECT_EQ(generate(kCapital, greedy(0)).tokens.size(), 0u);
}

TEST_F(Generate, EndsWhereTheContextIsFull) {
  SamplingOptions options = greedy(-1);
  for (const Token end : engine_->tokenizer().end_tokens()) options.logit_bias[end] = -1e9f;
  const auto engine = Engine::load(test::model_path("smollm2-135m"), {.context = 48});
  const auto sequence = engine->open();
  const GenerateResult result = engine->generate(*sequence, encode(kCapital), options, {});
  EXPECT_EQ(result.finish, FinishReason::context_full);
  EXPECT_EQ(sequence->n_processed(), 48);
  EXPECT_EQ(sequence->tokens().size(), 49u);  // the last needs no place
}

TEST_F(Generate, PiecesMakeUpTheText) {
  const auto sequence = engine_->open();
  std::string pieces;
  const GenerateResult result =
      engine_->generate(*sequence, encode("Éé 대한민국 🙂 means"), greedy(40), [&](auto text) {
        pieces += text;
        return true;
      });
  EXPECT_EQ(pieces, result.text);
}

TEST_F(Generate, StopStringsEndTheTextBeforeThem) {
  const std::string whole = generate(kCapital, greedy(24)).text;
  const std::string stop = whole.substr(20, 9);  // begins and ends within tokens
  SamplingOptions options = greedy(24);
  options.stop = {"never occurs", stop};
  std::string shown;
  const auto sequence = engine_->open();
  const GenerateResult result =
      engine_->generate(*sequence, encode(kCapital), options, [&](auto text) { return shown += text, true; });
  EXPECT_EQ(result.finish, FinishReason::stop_string);
  EXPECT_EQ(result.text, whole.substr(0, whole.find(stop)));
  EXPECT_EQ(shown, result.text);
}

TEST_F(Generate, TheCallerCanStop) {
  const auto sequence = engine_->open();
  int calls = 0;
  const GenerateResult result =
      engine_->generate(*sequence, encode(kCapital), greedy(50), [&](auto) { return ++calls < 3; });
  EXPECT_EQ(result.finish, FinishReason::cancelled);
  EXPECT_EQ(calls, 3);
  EXPECT_LT(result.tokens.size(), 50u);
}

TEST_F(Generate, ReadingThePromptReportsAndCanBeCancelled) {
  const std::vector<Token> prompt(100, 504);
  std::vector<int64_t> done;
  const auto sequence = engine_->open();
  const auto report = [&](int64_t n, int64_t total) {
    EXPECT_EQ(total, 100);
    done.push_back(n);
    return true;
  };
  engine_->generate(*sequence, prompt, greedy(1), {}, report);
  EXPECT_EQ(done, (std::vector<int64_t>{16, 32, 48, 64, 80, 96, 100}));
  const auto other = engine_->open();
  const GenerateResult cancelled =
      engine_->generate(*other, std::vector<Token>(100, 505), greedy(1), {}, [](int64_t n, int64_t) { return n < 40; });
  EXPECT_EQ(cancelled.finish, FinishReason::cancelled);
  EXPECT_EQ(other->n_processed(), 48);
}

TEST_F(Generate, EqualSeedsGiveEqualTexts) {
  SamplingOptions options{.temperature = 1.2f, .max_tokens = 20};
  options.seed = 5;
  const GenerateResult first = generate(kCapital, options);
  EXPECT_EQ(generate(kCapital, options).tokens, first.tokens);
  options.seed = 6;
  EXPECT_NE(generate(kCapital, options).tokens, first.tokens);
}

TEST_F(Generate, ACommonPrefixIsReadOnce) {
  const auto sequence = engine_->open();
  std::vector<Token> prompt = encode(kCapital);
  const GenerateResult first = engine_->generate(*sequence, prompt, greedy(10), {});
  EXPECT_EQ(first.n_reused, 0);
  prompt.insert(prompt.end(), first.tokens.begin(), first.tokens.end());
  const std::vector<Token> more = encode(" And what about Spain?");
  prompt.insert(prompt.end(), more.begin(), more.end());
  const GenerateResult second = engine_->generate(*sequence, prompt, greedy(10), {});
  EXPECT_EQ(second.n_reused, first.n_prompt + 9);  // all but the last token, which had not been read
  const auto fresh = engine_->open();
  EXPECT_EQ(engine_->generate(*fresh, prompt, greedy(10), {}).tokens, second.tokens);
  const GenerateResult again = engine_->generate(*fresh, prompt, greedy(10), {});  // all cached: one is read again
  EXPECT_EQ(again.n_reused, again.n_prompt - 1);
  EXPECT_EQ(again.tokens, second.tokens);
}

TEST_F(Generate, RefusedPromptsLeaveNothingStarted) {
  const auto sequence = engine_->open();
  try {
    engine_->generate(*sequence, std::vector<Token>(513, 5), greedy(1), {});
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "513 tokens do not fit the context of 512");
  }
  EXPECT_TRUE(engine_->step().empty());
  SamplingOptions bad = greedy(1);
  bad.top_p = 2;
  EXPECT_THROW(engine_->generate(*sequence, encode(kCapital), bad, {}), Error);
  EXPECT_TRUE(engine_->step().empty());
}

// All the tokens of four sequences that run together, each with prompts and settings of its own.
std::map<int, std::vector<Token>> together(Engine& engine, const std::vector<std::vector<Token>>& prompts,
                                           const std::vector<SamplingOptions>& options) {
  std::vector<std::unique_ptr<Sequence>> sequences;
  std::map<Sequence*, int> index;
  std::map<int, std::vector<Token>> tokens;
  for (size_t i = 0; i < prompts.size(); ++i) {
    sequences.push_back(engine.open());
    index[sequences.back().get()] = static_cast<int>(i);
    engine.start(*sequences.back(), prompts[i], options[i]);
    if (i == 1)
      for (int early = 0; early < 2; ++early)  // the others join later
        for (const StepResult& r : engine.step())
          if (r.token >= 0) tokens[index[r.sequence]].push_back(r.token);
  }
  for (auto results = engine.step(); !results.empty(); results = engine.step())
    for (const StepResult& r : results)
      if (r.token >= 0) tokens[index[r.sequence]].push_back(r.token);
  return tokens;
}

// At temperature 1 a difference in any bit of the logits soon shows in the ids.
TEST_F(Generate, AloneOrBesideOthersOnAnyNumberOfThreadsTheIdsAreTheSame) {
  const std::vector<std::vector<Token>> prompts{encode(kCapital), encode(kFruits), std::vector<Token>(75, 504),
                                                encode("1, 1, 2, 3, 5, 8,")};
  std::vector<SamplingOptions> options(4, SamplingOptions{.temperature = 1, .max_tokens = 30});
  for (size_t i = 0; i < 4; ++i) options[i].seed = i;
  std::vector<std::vector<Token>> alone;
  for (size_t i = 0; i < 4; ++i) {
    const auto sequence = engine_->open();
    alone.push_back(engine_->generate(*sequence, prompts[i], options[i], {}).tokens);
  }
  for (const int n_threads : {1, 2, 3}) {
    const auto engine = Engine::load(test::model_path("smollm2-135m"),
                                     {.n_threads = n_threads, .context = 512, .parallel = 4, .chunk = 16});
    const auto crowd = together(*engine, prompts, options);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(crowd.at(i), alone[static_cast<size_t>(i)]) << n_threads << " threads, " << i;
  }
}

}  // namespace
}  // namespace loam
