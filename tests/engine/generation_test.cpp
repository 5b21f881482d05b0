// What a generation can be asked for beyond text: constraints, log-probabilities, ends, and the tokens behind the text.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/engine.h"
#include "tests/support/support.h"

namespace loam {
namespace {

const std::string kModel = test::model_path("smollm2-135m");
const std::string kPrompt = "The capital of France is";
const std::string kChat = "<|im_start|>user\nName three fruits.<|im_end|>\n<|im_start|>assistant\n";

class Generation : public testing::Test {
 protected:
  void SetUp() override {
    LOAM_NEEDS(kModel);
    if (!engine_) engine_ = load(8);
  }
  static void TearDownTestSuite() { engine_.reset(); }

  static std::unique_ptr<Engine> load(int draft, int chunk = 16) {
    return Engine::load(kModel, {.n_threads = 2, .context = 512, .parallel = 4, .chunk = chunk, .draft = draft});
  }
  std::vector<Token> encode(const std::string& text) const {
    return engine_->tokenizer().encode(text, {.special = true, .add_special = true});
  }
  GenerateResult generate(const std::string& prompt, const StartOptions& options) {
    const auto sequence = engine_->open();
    return engine_->generate(*sequence, encode(prompt), options, {});
  }
  // All the results of a sequence that runs alone.
  std::vector<StepResult> run(const std::string& prompt, const StartOptions& options) {
    const auto sequence = engine_->open();
    engine_->start(*sequence, encode(prompt), options);
    std::vector<StepResult> all;
    for (auto results = engine_->step(); !results.empty(); results = engine_->step())
      for (StepResult& r : results) all.push_back(std::move(r));
    return all;
  }
  // log p of each token after each of `tokens`, in double precision.
  std::vector<std::vector<double>> log_softmax(const std::vector<Token>& tokens) {
    std::vector<std::vector<double>> rows;
    const auto sequence = engine_->open();
    engine_->evaluate(*sequence, tokens, 64, 0, [&](int64_t, std::span<const float> logits) {
      double total = 0;
      for (const float l : logits) total += std::exp(double{l});
      auto& row = rows.emplace_back();
      for (const float l : logits) row.push_back(l - std::log(total));
    });
    return rows;
  }

  static inline std::unique_ptr<Engine> engine_;
};

// Allows one set of tokens after another, over and over.
class Sets : public TokenConstraint {
 public:
  Sets(int64_t n_vocab, std::vector<std::vector<Token>> sets) : mask_((static_cast<size_t>(n_vocab) + 63) / 64) {
    for (auto& set : sets) sets_.push_back(std::move(set));
  }
  std::span<const uint64_t> allowed() override {
    std::ranges::fill(mask_, 0);
    for (const Token t : current()) mask_[static_cast<size_t>(t) / 64] |= uint64_t{1} << t % 64;
    return mask_;
  }
  void accept(Token token) override {
    EXPECT_TRUE(std::ranges::count(current(), token)) << token;
    accepted_.push_back(token);
  }
  const std::vector<Token>& accepted() const { return accepted_; }

 private:
  const std::vector<Token>& current() const { return sets_[accepted_.size() % sets_.size()]; }
  std::vector<std::vector<Token>> sets_;
  std::vector<uint64_t> mask_;
  std::vector<Token> accepted_;
};

TEST_F(Generation, AConstraintRulesGreedyAndDrawnTextWithAndWithoutDrafts) {
  const auto plain = load(0);
  const int64_t n_vocab = engine_->model().config().n_vocab;
  const std::vector<std::vector<Token>> sets{{100, 200, 300, 49151}, {500}, {7, 1000, 1001}, {500}, {40}};
  for (const float temperature : {0.0f, 1.0f}) {
    std::vector<std::vector<Token>> texts;
    for (Engine* engine : {engine_.get(), plain.get()}) {
      StartOptions options{.sampling = {.temperature = temperature, .seed = 3, .max_tokens = 60}};
      const auto sets_of_run = std::make_shared<Sets>(n_vocab, sets);
      options.constraint = sets_of_run;
      const auto sequence = engine->open();
      const GenerateResult result = engine->generate(*sequence, encode(kPrompt), options, {});
      ASSERT_EQ(result.tokens.size(), 60u);
      for (size_t i = 0; i < 60; ++i) EXPECT_TRUE(std::ranges::count(sets[i % 5], result.tokens[i])) << i;
      EXPECT_EQ(sets_of_run->accepted(), result.tokens);
      texts.push_back(result.tokens);
    }
    EXPECT_EQ(texts[0], texts[1]) << "temperature " << temperature;
  }
}

TEST_F(Generation, NothingIsDraftedThatTheConstraintForbids) {
  const auto generate_within = [&](const std::vector<std::vector<Token>>& sets) {
    StartOptions options{.sampling = {.temperature = 0, .max_tokens = 30}};
    options.constraint = std::make_shared<Sets>(engine_->model().config().n_vocab, sets);
    return generate(kPrompt, options);
  };
  std::vector<std::vector<Token>> ever_new;  // 1000 1001 is followed by another token each time
  for (Token t = 2000; t < 2010; ++t) ever_new.insert(ever_new.end(), {{1000}, {1001}, {t}});
  EXPECT_EQ(generate_within(ever_new).drafts.drafted, 0);
  EXPECT_GT(generate_within({{1000}, {1001}, {2000}}).drafts.accepted, 0);
}

TEST_F(Generation, AConstraintStandsAboveBiasAndEndsTheText) {
  const Token end = engine_->tokenizer().end_tokens().front();
  StartOptions options{.sampling = {.temperature = 0, .min_tokens = 50, .ignore_eos = true}};
  options.sampling.logit_bias = {{200, 100.0f}, {100, -INFINITY}};
  options.constraint = std::make_shared<Sets>(engine_->model().config().n_vocab,
                                              std::vector<std::vector<Token>>{{100}, {100, 200}, {300, end}, {end}});
  const GenerateResult result = generate(kPrompt, options);
  EXPECT_EQ(result.tokens, (std::vector<Token>{100, 200, 300, end}));
  EXPECT_EQ(result.finish, FinishReason::end_token);
}

TEST_F(Generation, LogprobsAreTheModelsOwnWhateverTheSampler) {
  StartOptions options{.sampling = {.temperature = 1.5f, .top_k = 3, .repeat_penalty = 1.3f, .seed = 1}};
  options.sampling.max_tokens = 12;
  options.sampling.logprobs = 4;
  const GenerateResult result = generate(kPrompt, options);
  ASSERT_EQ(result.scored.size(), result.tokens.size());
  std::vector<Token> tokens = encode(kPrompt);
  const size_t n_prompt = tokens.size();
  tokens.insert(tokens.end(), result.tokens.begin(), result.tokens.end());
  const auto expected = log_softmax(tokens);
  for (size_t i = 0; i < result.tokens.size(); ++i) {
    const std::vector<double>& row = expected[n_prompt + i - 1];
    const ScoredToken& got = result.scored[i];
    EXPECT_EQ(got.token, result.tokens[i]);
    EXPECT_NEAR(got.logprob.value(), row[static_cast<size_t>(got.token)], 1e-5);
    ASSERT_EQ(got.top.size(), 4u);
    EXPECT_NEAR(got.top[0].logprob, *std::ranges::max_element(row), 1e-5);
    for (size_t k = 0; k < 4; ++k) {
      EXPECT_NEAR(got.top[k].logprob, row[static_cast<size_t>(got.top[k].token)], 1e-5);
      EXPECT_LE(got.top[k].logprob, got.top[std::max<size_t>(k, 1) - 1].logprob);
    }
  }
  options.sampling.logprobs = -1;
  EXPECT_EQ(generate(kPrompt, options).tokens, result.tokens);
  EXPECT_TRUE(generate(kPrompt, options).scored.empty());
}

// As lm-eval asks for the likelihood of a text. Read a second time from the same sequence, nothing is swallowed.
TEST_F(Generation, ThePromptIsScoredWithoutGenerating) {
  const std::vector<Token> tokens =
      encode("The capital of France is Paris, and that of Italy is Rome. Spain's is Madrid.");
  ASSERT_GT(tokens.size(), 16u);  // more than a chunk
  const auto expected = log_softmax(tokens);
  const auto sequence = engine_->open();
  const StartOptions options{.sampling = {.max_tokens = 0, .prompt_logprobs = 2}};
  for (int time = 0; time < 2; ++time) {
    const GenerateResult result = engine_->generate(*sequence, tokens, options, {});
    EXPECT_EQ(result.finish, FinishReason::length);
    EXPECT_TRUE(result.tokens.empty());
    ASSERT_EQ(result.prompt.size(), tokens.size());
    EXPECT_FALSE(result.prompt[0].logprob);
    for (size_t i = 0; i < tokens.size(); ++i) {
      EXPECT_EQ(result.prompt[i].token, tokens[i]);
      if (i == 0) continue;
      EXPECT_NEAR(result.prompt[i].logprob.value(), expected[i - 1][static_cast<size_t>(tokens[i])], 1e-5) << i;
      EXPECT_EQ(result.prompt[i].top.size(), 2u);
    }
  }
}

TEST_F(Generation, ScoresComeInOrderBesideOthersAndFewAtATime) {
  const auto engine = load(0, 512);
  const int64_t most_rows = (8 << 20) / engine->model().config().n_vocab;
  std::vector<Token> prompt(400);
  for (size_t i = 0; i < prompt.size(); ++i) prompt[i] = static_cast<Token>(500 + i * 37 % 1000);
  ASSERT_LT(most_rows, 400);
  const auto scored = engine->open(), other = engine->open(), alone = engine->open();
  const StartOptions options{.sampling = {.temperature = 0, .max_tokens = 3, .prompt_logprobs = 0}};
  const GenerateResult expected = engine->generate(*alone, prompt, options, {});
  engine->start(*other, prompt, {.sampling = {.temperature = 0, .max_tokens = 20}});
  engine->start(*scored, prompt, options);
  std::vector<ScoredToken> got;
  std::vector<Token> generated;
  for (auto results = engine->step(); !results.empty(); results = engine->step())
    for (const StepResult& r : results) {
      EXPECT_LE(std::ssize(r.prompt), most_rows + 1);
      EXPECT_TRUE(r.prompt.empty() || r.sequence == scored.get());
      got.insert(got.end(), r.prompt.begin(), r.prompt.end());
      if (r.sequence == scored.get() && r.token >= 0) generated.push_back(r.token);
    }
  ASSERT_EQ(got.size(), prompt.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].token, prompt[i]);
    EXPECT_EQ(got[i].logprob, expected.prompt[i].logprob) << i;
  }
  EXPECT_EQ(generated, expected.tokens);
}

// A prompt that continues a sequence whose last token has not been read yet follows something: all of it has a score.
TEST_F(Generation, AContinuedSequenceScoresWhatIsNew) {
  const auto sequence = engine_->open();
  engine_->start(*sequence, encode(kPrompt), StartOptions{.sampling = {.temperature = 0, .max_tokens = 4}});
  while (!engine_->step().empty()) {
  }
  ASSERT_EQ(sequence->n_processed(), std::ssize(sequence->tokens()) - 1);
  const std::vector<Token> more = encode(" and more");
  engine_->start(*sequence, more, StartOptions{.sampling = {.max_tokens = 0, .prompt_logprobs = 0}});
  const std::vector<StepResult> results = engine_->step();
  ASSERT_EQ(results.size(), 1u);
  ASSERT_EQ(results[0].prompt.size(), more.size());
  const auto expected = log_softmax(sequence->tokens());
  const size_t first = sequence->tokens().size() - more.size();
  for (size_t i = 0; i < more.size(); ++i)
    EXPECT_NEAR(results[0].prompt[i].logprob.value(), expected[first + i - 1][static_cast<size_t>(more[i])], 1e-5);
}

TEST_F(Generation, PiecesAndHeldBytesTellWhichTokensAreShown) {
  StartOptions options{.sampling = {.temperature = 1.1f, .seed = 12, .stop = {"zzzz", " the"}, .max_tokens = 80}};
  for (const std::string& prompt : {std::string("Éé 대한민국 🙂 means 🙂🙂 대한민국"), kPrompt}) {
    std::string pieces, text;
    const std::vector<StepResult> results = run(prompt, options);
    for (const StepResult& r : results) {
      pieces += r.piece;
      text += r.text;
      ASSERT_LE(r.n_held, pieces.size());
      if (text.find("\xef\xbf\xbd") == std::string::npos) {
        EXPECT_EQ(text, pieces.substr(0, pieces.size() - r.n_held));
      }
      if (r.token >= 0 && !engine_->tokenizer().is_end(r.token)) {
        EXPECT_EQ(r.piece, engine_->tokenizer().piece(r.token));
      }
    }
    EXPECT_NE(results.back().finish, FinishReason::none);
    if (results.back().finish != FinishReason::stop_string) {
      EXPECT_EQ(results.back().n_held, 0u);
      EXPECT_EQ(results.back().stop, -1);
    }
  }
}

TEST_F(Generation, TheStopStringIsNamedAndIncludedWhereAsked) {
  const std::string whole = generate(kPrompt, {.sampling = {.temperature = 0, .max_tokens = 24}}).text;
  const std::string stop = whole.substr(20, 9);
  StartOptions options{.sampling = {.temperature = 0, .stop = {"never occurs", stop}, .max_tokens = 24}};
  const std::vector<StepResult> results = run(kPrompt, options);
  EXPECT_EQ(results.back().stop, 1);
  EXPECT_GE(results.back().n_held, stop.size());
  options.sampling.include_stop = true;
  const GenerateResult with = generate(kPrompt, options);
  EXPECT_EQ(with.stop, 1);
  EXPECT_EQ(with.text, whole.substr(0, whole.find(stop) + stop.size()));
  EXPECT_EQ(with.finish, FinishReason::stop_string);
}

TEST_F(Generation, NoEndBeforeMinTokensOrAtAll) {
  const auto is_end = [&](Token t) { return engine_->tokenizer().is_end(t); };
  StartOptions options{.sampling = {.temperature = 0, .max_tokens = 100}};
  const GenerateResult plain = generate(kChat, options);
  ASSERT_EQ(plain.finish, FinishReason::end_token);
  options.sampling.min_tokens = std::ssize(plain.tokens) + 3;
  const GenerateResult longer = generate(kChat, options);
  EXPECT_GT(std::ssize(longer.tokens), options.sampling.min_tokens);
  EXPECT_TRUE(std::none_of(longer.tokens.begin(), longer.tokens.end() - 1, is_end));
  options.sampling.ignore_eos = true;
  const GenerateResult all = generate(kChat, options);
  EXPECT_EQ(all.finish, FinishReason::length);
  EXPECT_TRUE(std::ranges::none_of(all.tokens, is_end));
}

}  // namespace
}  // namespace loam
