// Speculative decoding: what is guessed, how much, and that the text is the same with it and without.
#include <algorithm>

#include "base/error.h"
#include "engine/draft_policy.h"
#include "engine/engine.h"
#include "engine/model_drafter.h"
#include "engine/ngram_drafter.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using TokenList = std::vector<Token>;

TEST(NgramDrafter, ProposesWhatFollowedTheLongestMatch) {
  NgramDrafter drafter;
  EXPECT_EQ(drafter.propose(TokenList{1, 2, 3, 7, 8, 9, 2, 3, 4, 5, 1, 2, 3}, 3),
            (TokenList{7, 8, 9}));                                                      // not 4, after 2 3
  EXPECT_EQ(drafter.propose(TokenList{1, 2, 5, 1, 2, 6, 1, 2}, 2), (TokenList{6, 1}));  // the latest
}

TEST(NgramDrafter, ProposesNothingWithoutAMatchOfTwoTokens) {
  NgramDrafter drafter;
  for (const TokenList& tokens : {TokenList{}, TokenList{1}, TokenList{1, 1}, TokenList{1, 2}, TokenList{1, 2, 3, 2}})
    EXPECT_EQ(drafter.propose(tokens, 4), TokenList{});
  EXPECT_EQ(drafter.propose(TokenList{1, 2, 1, 2}, 0), TokenList{});
}

TEST(NgramDrafter, AMatchThatReachesTheEndGoesRound) {
  EXPECT_EQ(NgramDrafter().propose(TokenList{5, 5, 5}, 4), (TokenList{5, 5, 5, 5}));
  EXPECT_EQ(NgramDrafter().propose(TokenList{1, 2, 3, 1, 2, 3}, 7), (TokenList{1, 2, 3, 1, 2, 3, 1}));
}

// However a sequence grew, was cut and grew again, the proposals are those of a drafter that sees it first.
TEST(NgramDrafter, KeepsInStepWithASequenceThatIsCut) {
  NgramDrafter drafter;
  TokenList tokens;
  uint32_t random = 1;
  int n_proposed = 0;
  for (int i = 0; i < 2000; ++i) {
    random = random * 1664525 + 1013904223;
    if (random >> 26 == 0)
      tokens.resize(tokens.size() * (random >> 8 & 0xff) / 256);
    else
      tokens.push_back(static_cast<Token>(random >> 29));
    const TokenList proposed = drafter.propose(tokens, 5);
    ASSERT_EQ(proposed, NgramDrafter().propose(tokens, 5)) << "step " << i;
    n_proposed += !proposed.empty();
  }
  EXPECT_GT(n_proposed, 1000);
}

TEST(DraftPolicy, GrowsWithSuccessAndPausesWithoutIt) {
  DraftPolicy policy(8, 0);
  EXPECT_GT(policy.length(1), 0);
  for (int i = 0; i < 10; ++i) policy.record(8, 8);
  EXPECT_EQ(policy.length(1), 8);
  int failures = 0;
  for (; policy.length(1) > 0 && failures < 100; ++failures) policy.record(2, 0);
  EXPECT_LT(failures, 20);
  EXPECT_EQ(policy.length(1), 0);
}

TEST(DraftPolicy, ATextThatCannotBeGuessedLosesLittle) {
  DraftPolicy policy(8, 0);
  int64_t n_drafted = 0;
  constexpr int kSteps = 10000;
  for (int i = 0; i < kSteps; ++i)
    if (const int n = policy.length(1); n > 0) policy.record(n, 0), n_drafted += n;
  EXPECT_GT(n_drafted, 0);
  EXPECT_LT(0.25 * static_cast<double>(n_drafted), 0.01 * kSteps);
}

TEST(DraftPolicy, DraftsNothingThatCostsMoreThanAStepOrFillsACrowdedOne) {
  DraftPolicy costly(8, 1);
  EXPECT_EQ(costly.length(1), 0);
  DraftPolicy cheap(8, 0);
  EXPECT_GT(cheap.length(1), cheap.length(3));
  EXPECT_EQ(cheap.length(512), 0);  // a prompt is being read
}

const std::string kDraftedModel = test::model_path("smollm2-135m");
const std::string kRepetitive =
    "one two three four five\none two three four five\none two three four five\none two three";
const std::string kFree = "The capital of France is";

class Draft : public testing::Test {
 protected:
  void SetUp() override { LOAM_NEEDS(kDraftedModel); }

  static std::unique_ptr<Engine> load(int draft, int64_t context = 512) {
    return Engine::load(kDraftedModel,
                        {.n_threads = 2, .context = context, .parallel = 4, .chunk = 16, .draft = draft});
  }
  static TokenList encode(const Engine& engine, const std::string& text) {
    return engine.tokenizer().encode(text, {.special = true, .add_special = true});
  }
  static GenerateResult generate(Engine& engine, const std::string& prompt, const SamplingOptions& options) {
    const auto sequence = engine.open();
    GenerateResult result = engine.generate(*sequence, encode(engine, prompt), options, {});
    EXPECT_EQ(sequence->tokens().size(), static_cast<size_t>(result.n_prompt) + result.tokens.size());
    EXPECT_EQ(sequence->n_processed(), std::ssize(sequence->tokens()) - 1);
    return result;
  }
};

TEST_F(Draft, TextsAreTheSameWithoutAndWithDraftsWhateverTheSettings) {
  const auto plain = load(0), drafting = load(8);
  DraftCounts all;
  for (const std::string& prompt : {kRepetitive, kFree})
    for (const float temperature : {0.0f, 1.0f})
      for (const float repeat_penalty : {1.0f, 1.2f}) {
        const SamplingOptions options{
            .temperature = temperature, .repeat_penalty = repeat_penalty, .seed = 7, .max_tokens = 40};
        const GenerateResult expected = generate(*plain, prompt, options), got = generate(*drafting, prompt, options);
        EXPECT_EQ(got.tokens, expected.tokens) << prompt << ", temperature " << temperature;
        EXPECT_EQ(got.text, expected.text);
        EXPECT_EQ(got.finish, expected.finish);
        EXPECT_EQ(expected.drafts.drafted, 0);
        all.drafted += got.drafts.drafted, all.accepted += got.drafts.accepted;
      }
  EXPECT_GT(all.accepted, 20);
  EXPECT_GT(all.drafted, all.accepted);  // some were wrong, and taken back
}

TEST_F(Draft, EndsAmidAcceptedDraftsAreWhereTheyWouldBeWithout) {
  const auto plain = load(0), drafting = load(8);
  for (int n = 1; n <= 12; ++n) {
    const SamplingOptions options{.temperature = 0, .max_tokens = n};
    const GenerateResult expected = generate(*plain, kRepetitive, options),
                         got = generate(*drafting, kRepetitive, options);
    EXPECT_EQ(got.tokens, expected.tokens) << n;
    EXPECT_EQ(got.finish, FinishReason::length);
  }
  const std::string whole = generate(*plain, kRepetitive, {.temperature = 0, .max_tokens = 40}).text;
  for (const size_t at : {10, 23, 40}) {
    const std::string stop = whole.substr(at, 7);  // begins and ends within tokens
    const SamplingOptions options{.temperature = 0, .stop = {stop}, .max_tokens = 40};
    const GenerateResult expected = generate(*plain, kRepetitive, options),
                         got = generate(*drafting, kRepetitive, options);
    EXPECT_EQ(got.tokens, expected.tokens) << stop;
    EXPECT_EQ(got.text, expected.text) << stop;
    EXPECT_EQ(got.finish, FinishReason::stop_string) << stop;
  }
}

TEST_F(Draft, TheContextIsFilledToTheSameToken) {
  for (const int64_t context : {40, 48, 64}) {
    const SamplingOptions options{.temperature = 0};
    const GenerateResult expected = generate(*load(0, context), kRepetitive, options);
    const GenerateResult got = generate(*load(8, context), kRepetitive, options);
    EXPECT_EQ(got.tokens, expected.tokens) << context;
    EXPECT_EQ(got.finish, FinishReason::context_full) << context;
    EXPECT_GT(got.drafts.accepted, 0) << context;
  }
}

// Drafts that are taken back have gone round the ring of the layers that keep only their window.
TEST(DraftInAWindow, TextsAreTheSameBeyondIt) {
  const std::string path = test::model_path("gemma3-270m");
  LOAM_NEEDS(path);
  const auto load = [&](int draft) { return Engine::load(path, {.context = 800, .chunk = 64, .draft = draft}); };
  const auto plain = load(0), drafting = load(8);
  std::string prompt;
  for (int i = 0; i < 60; ++i) prompt += "Line " + std::to_string(i) + " of the list: apples, pears.\n";
  const TokenList tokens = plain->tokenizer().encode(prompt, {.add_special = true});
  ASSERT_GT(tokens.size(), 600u);
  const std::vector<Token> part(tokens.begin(), tokens.begin() + 640);
  const SamplingOptions options{.temperature = 0.8f, .seed = 3, .max_tokens = 80};
  const auto a = plain->open(), b = drafting->open();
  const GenerateResult expected = plain->generate(*a, part, options, {}),
                       got = drafting->generate(*b, part, options, {});
  EXPECT_EQ(got.tokens, expected.tokens);
  EXPECT_GT(got.drafts.accepted, 0);
  EXPECT_GT(got.drafts.drafted, got.drafts.accepted);
}

TEST_F(Draft, ACallerWhoStopsAmidDraftsHasWhatItWasGiven) {
  const auto engine = load(8);
  const auto sequence = engine->open();
  const TokenList prompt = encode(*engine, kRepetitive);
  int calls = 0;
  const GenerateResult result =
      engine->generate(*sequence, prompt, {.temperature = 0, .max_tokens = 40}, [&](auto) { return ++calls < 7; });
  EXPECT_EQ(result.finish, FinishReason::cancelled);
  EXPECT_EQ(calls, 7);
  EXPECT_EQ(sequence->tokens().size(), prompt.size() + result.tokens.size());
}

TEST_F(Draft, SequencesThatRunTogetherEachGetTheirOwnText) {
  const auto plain = load(0), drafting = load(8);
  const std::vector<std::string> prompts{kRepetitive, kFree, kRepetitive + " four"};
  const SamplingOptions options{.temperature = 0, .max_tokens = 30};
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (const std::string& prompt : prompts) {
    sequences.push_back(drafting->open());
    drafting->start(*sequences.back(), encode(*drafting, prompt), options);
  }
  while (!drafting->step().empty()) {
  }
  for (size_t i = 0; i < prompts.size(); ++i) {
    TokenList expected = encode(*plain, prompts[i]);
    const TokenList answer = generate(*plain, prompts[i], options).tokens;
    expected.insert(expected.end(), answer.begin(), answer.end());
    EXPECT_EQ(sequences[i]->tokens(), expected) << i;
  }
  EXPECT_GT(sequences[0]->drafts().accepted, 0);
}

TEST_F(Draft, AModelDraftsForItselfWithoutAFault) {
  const auto plain = load(0);
  const TokenList prompt = encode(*plain, kFree);
  const GenerateResult expected = generate(*plain, kFree, {.temperature = 0, .max_tokens = 24});
  ModelDrafter drafter(std::shared_ptr<Engine>(load(0)), 0.1);
  for (const size_t n : {0u, 5u, 3u, 12u}) {  // also back, as after /undo
    TokenList tokens = prompt;
    tokens.insert(tokens.end(), expected.tokens.begin(), expected.tokens.begin() + static_cast<std::ptrdiff_t>(n));
    const auto next = expected.tokens.begin() + static_cast<std::ptrdiff_t>(n);
    EXPECT_EQ(drafter.propose(tokens, 8), TokenList(next, next + 8)) << n;
  }
  EXPECT_EQ(drafter.propose(TokenList(510, 5), 8), TokenList{});  // does not fit
}

TEST_F(Draft, AModelThatCostsAsMuchIsNotAsked) {
  EngineOptions options{.n_threads = 2, .context = 128};
  options.draft_model = kDraftedModel;
  const auto engine = Engine::load(kDraftedModel, options);
  const SamplingOptions greedy{.temperature = 0, .max_tokens = 10};
  const GenerateResult result = generate(*engine, kFree, greedy);
  EXPECT_EQ(result.drafts.drafted, 0);
  EXPECT_EQ(result.tokens, generate(*load(0), kFree, greedy).tokens);
}

TEST_F(Draft, AModelWithAnotherVocabularyIsRefusedWithBothSizes) {
  EngineOptions options{.context = 64};
  options.draft_model = test::model_path("gemma3-270m");
  LOAM_NEEDS(options.draft_model);
  try {
    Engine::load(kDraftedModel, options);
    ADD_FAILURE() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), "draft-model");
    EXPECT_NE(error.message().find("262144 tokens, the model 49152"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace loam
