// The engine on tiny models of the conformance set (no tokenizer) and on SmolLM2.
#include "engine/engine.h"

#include <cmath>
#include <tuple>

#include "base/error.h"
#include "engine/engine_options.h"
#include "tests/engine/engine_support.h"

namespace loam::test {
namespace {

TEST(Engine, LogitsDoNotDependOnThreadsBatchesOrMapping) {
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(70);
  const std::vector<float> expected = logits(*load(kDense, {.n_threads = 1}), tokens);
  ASSERT_EQ(expected.size(), 70u * 128);
  for (const int n_threads : {2, 3})
    EXPECT_TRUE(same_bits(expected, logits(*load(kDense, {.n_threads = n_threads}), tokens))) << n_threads;
  for (const int chunk : {1, 7, 33}) EXPECT_TRUE(same_bits(expected, logits(*load(kDense), tokens, chunk))) << chunk;
  EXPECT_TRUE(same_bits(expected, logits(*load(kDense, {.map = MapMode::read}), tokens)));
}

TEST(Engine, EvaluateGivesTheLogitsAskedForAtTheirPlaces) {
  LOAM_NEEDS(kDense);
  const auto engine = load(kDense);
  const std::vector<Token> tokens = some_tokens(20);
  const std::vector<float> expected = logits(*engine, tokens);
  const auto sequence = engine->open();
  std::vector<int64_t> places;
  engine->evaluate(*sequence, tokens, 6, 15, [&](int64_t at, std::span<const float> row) {
    places.push_back(at);
    EXPECT_EQ(std::memcmp(row.data(), expected.data() + at * 128, 128 * sizeof(float)), 0) << at;
  });
  EXPECT_EQ(places, (std::vector<int64_t>{15, 16, 17, 18, 19}));
  EXPECT_EQ(sequence->n_processed(), 20);
}

TEST(Engine, ATruncatedSequenceGoesOnAsIfItHadNeverBeenLonger) {
  LOAM_NEEDS(kDense);
  const auto engine = load(kDense);
  const std::vector<Token> tokens = some_tokens(60);
  const std::vector<float> expected = logits(*engine, tokens);
  const auto sequence = engine->open();
  logits(*engine, *sequence, std::vector<Token>(50, 3), 50);  // another text, whose first token differs
  sequence->truncate(0);
  logits(*engine, *sequence, std::vector<Token>(tokens.begin(), tokens.begin() + 40), 40);
  logits(*engine, *sequence, std::vector<Token>(20, 5), 20);
  sequence->truncate(40);
  EXPECT_EQ(sequence->n_processed(), 40);
  EXPECT_EQ(sequence->tokens().size(), 40u);
  const std::vector<float> rest = logits(*engine, *sequence, {tokens.begin() + 40, tokens.end()}, 512);
  EXPECT_TRUE(same_bits(rest, {expected.begin() + 40 * 128, expected.end()}));
}

TEST(Engine, RefusesWhatDoesNotFitTheContextWithBothNumbers) {
  LOAM_NEEDS(kDense);
  const auto engine = load(kDense, {.context = 32});
  const auto sequence = engine->open();
  expect_error(Error::Code::invalid, "context", "33 tokens do not fit the context of 32",
               [&] { logits(*engine, *sequence, some_tokens(33), 8); });
  logits(*engine, *sequence, some_tokens(30), 8);
  expect_error(Error::Code::invalid, "context", "35 tokens do not fit the context of 32",
               [&] { logits(*engine, *sequence, some_tokens(5), 8); });
  EXPECT_EQ(logits(*engine, *sequence, some_tokens(2), 8).size(), 2u * 128);
}

TEST(Engine, AnIdleSequenceGivesItsPagesToOthersAndIsReadAgain) {
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(50);
  const std::vector<float> expected = logits(*load(kDense), tokens);
  const auto engine = load(kDense, {.context = 64, .parallel = 1});  // two pages
  const auto first = engine->open(), second = engine->open();
  logits(*engine, *first, {tokens.begin(), tokens.begin() + 40}, 64);
  logits(*engine, *second, some_tokens(3), 64);
  EXPECT_EQ(first->n_processed(), 0);
  EXPECT_EQ(first->tokens().size(), 40u);
  const std::vector<float> rest = logits(*engine, *first, {tokens.begin() + 40, tokens.end()}, 64);
  EXPECT_TRUE(same_bits(rest, {expected.begin() + 40 * 128, expected.end()}));
  EXPECT_EQ(second->n_processed(), 0);
}

TEST(Engine, ASequenceMayHaveItsOwnTypesOfKeysAndValues) {
  LOAM_NEEDS(kSliding);
  const std::vector<Token> tokens = some_tokens(70);
  const auto engine = load(kSliding);
  for (const KvOptions kv : {KvOptions{DType::q8_0, DType::q4_0}, {}, {DType::f32, DType::f32}}) {
    const auto sequence = engine->open({.kv = kv});
    EXPECT_TRUE(same_bits(logits(*load(kSliding, {.kv = kv}), tokens), logits(*engine, *sequence, tokens, 64)));
  }
  expect_error(Error::Code::invalid, "kv-k", "cannot be kept as Q4_K", [&] {
    engine->open({.kv = KvOptions{DType::q4_k, DType::f16}});
  });
}

TEST(Engine, ASequenceMayHaveAShorterContext) {
  LOAM_NEEDS(kDense);
  const auto engine = load(kDense, {.context = 64});
  const auto sequence = engine->open({.context = 40});
  EXPECT_EQ(sequence->context(), 40);
  EXPECT_EQ(engine->open()->context(), 64);
  expect_error(Error::Code::invalid, "context", "41 tokens do not fit the context of 40",
               [&] { logits(*engine, *sequence, some_tokens(41), 64); });
  EXPECT_EQ(logits(*engine, *sequence, some_tokens(40), 64).size(), 40u * 128);
  expect_error(Error::Code::invalid, "context", "expected 0 to 64", [&] { engine->open({.context = 65}); });
}

TEST(Engine, APromptLargerThanTheWholeCacheIsRefusedWithBothNumbers) {
  LOAM_NEEDS(kDense);
  const auto engine = load(kDense, {.context = 64});
  const auto sequence = engine->open({.kv = KvOptions{DType::f32, DType::f32}});  // twice as large
  EXPECT_EQ(sequence->context(), 32);
  expect_error(Error::Code::invalid, "context", "33 tokens do not fit the cache of 32",
               [&] { logits(*engine, *sequence, some_tokens(33), 64); });
  EXPECT_EQ(logits(*engine, *sequence, some_tokens(32), 64).size(), 32u * 128);
}

TEST(Engine, RefusesTokensOutsideTheVocabularyAndEmptyPrompts) {
  LOAM_NEEDS(kDense);
  const auto engine = load(kDense);
  const auto sequence = engine->open();
  for (const Token bad : {-1, 128, INT32_MAX})
    expect_error(Error::Code::invalid, "tokens", "token 1 is " + std::to_string(bad), [&] {
      logits(*engine, *sequence, {5, bad}, 8);
    });
  expect_error(Error::Code::invalid, "tokens", "no tokens", [&] { logits(*engine, *sequence, {}, 8); });
  EXPECT_TRUE(sequence->tokens().empty());
}

TEST(Engine, AStepOfExpertsReadsMoreOfAPrompt) {
  ModelConfig dense, mixture;
  mixture.n_experts = 8;
  EXPECT_LT(with_chunk({}, dense).chunk, with_chunk({}, mixture).chunk);
  EXPECT_EQ(with_chunk({.chunk = 16}, dense).chunk, 16);
}

TEST(Engine, RefusesOptionsOutOfRange) {
  LOAM_NEEDS(kDense);
  expect_error(Error::Code::invalid, "threads", "-1", [] { load(kDense, {.n_threads = -1}); });
  expect_error(Error::Code::invalid, "context", "-5", [] { load(kDense, {.context = -5}); });
  expect_error(Error::Code::invalid, "parallel", "0", [] { load(kDense, {.parallel = 0}); });
  expect_error(Error::Code::invalid, "chunk", "-1", [] { load(kDense, {.chunk = -1}); });
}

TEST(Engine, TheCachesTypeChangesItsSizeAndTheLogitsALittle) {
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(40);
  const auto exact = load(kDense, {.context = 64, .kv = {DType::f32, DType::f32}});
  const std::vector<float> expected = logits(*exact, tokens);
  double last_error = 0;
  for (const DType type : {DType::f16, DType::q8_0, DType::q4_0}) {
    const auto engine = load(kDense, {.context = 64, .kv = {type, type}});
    EXPECT_EQ(engine->kv_bytes(), exact->kv_bytes() / 128 * bytes_of(type, 32)) << name(type);
    const std::vector<float> got = logits(*engine, tokens);
    double error = 0, power = 0;
    for (size_t i = 0; i < got.size(); ++i) {
      error += (got[i] - expected[i]) * (got[i] - expected[i]);
      power += expected[i] * expected[i];
    }
    EXPECT_GT(error, last_error) << name(type);
    EXPECT_LT(error, 0.03 * power) << name(type);
    last_error = error;
  }
}

TEST(Engine, QuantisedCachesGiveTheSameBitsInEveryBatch) {
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(70);
  for (const DType type : {DType::q8_0, DType::q4_0}) {
    const std::vector<float> expected = logits(*load(kDense, {.n_threads = 1, .kv = {type, type}}), tokens);
    for (const int n_threads : {2, 3})
      for (const int chunk : {1, 7, 64, 512})
        EXPECT_TRUE(
            same_bits(expected, logits(*load(kDense, {.n_threads = n_threads, .kv = {type, type}}), tokens, chunk)))
            << name(type) << ", " << n_threads << " threads, chunk " << chunk;
  }
}

TEST(Engine, WindowsKeepOnlyWhatTheyShow) {
  LOAM_NEEDS(kSliding);
  const std::vector<Token> tokens = some_tokens(240);
  const std::vector<float> expected = logits(*load(kSliding), tokens);  // one step holds everything
  for (const int chunk : {1, 7, 64}) {
    const auto engine = load(kSliding, {.chunk = chunk});
    EXPECT_LT(engine->kv_bytes(), load(kSliding)->kv_bytes());
    EXPECT_TRUE(same_bits(expected, logits(*engine, tokens, chunk))) << chunk;
    EXPECT_TRUE(same_bits(expected, logits(*engine, tokens, 512))) << "more at once than the windows have room for";
  }
}

// Wherever a text is cut, and however often, it goes on as if it had never been longer; what the windows have forgotten
// is read again.
TEST(Engine, TruncationBehindTheWindowReadsAgain) {
  LOAM_NEEDS(kSliding);
  const std::vector<Token> tokens = some_tokens(200);
  const std::vector<float> expected = logits(*load(kSliding), tokens);
  const auto engine = load(kSliding, {.chunk = 16});  // 3 pages of windows
  const auto rest = [&](int from) { return std::vector<float>(expected.begin() + from * 128, expected.end()); };
  int n_read_again = 0;
  for (const int kept : {199, 190, 180, 170, 160, 130, 100, 64, 33, 1}) {
    const auto sequence = engine->open();
    logits(*engine, *sequence, {tokens.begin(), tokens.begin() + kept}, 16);
    logits(*engine, *sequence, std::vector<Token>(200 - kept, 3), 16);
    for (const int cut : {std::min(kept + 10, 200), kept}) {
      sequence->truncate(cut);
      EXPECT_TRUE(sequence->n_processed() == cut || sequence->n_processed() == 0) << kept;
    }
    n_read_again += sequence->n_processed() < kept;
    EXPECT_EQ(std::ssize(sequence->tokens()), kept);
    EXPECT_TRUE(same_bits(rest(kept), logits(*engine, *sequence, {tokens.begin() + kept, tokens.end()}, 16))) << kept;
  }
  EXPECT_GE(n_read_again, 3);
  EXPECT_LE(n_read_again, 8);
}

TEST(Engine, RefusesTypesThatNoCacheHas) {
  LOAM_NEEDS(kDense);
  expect_error(Error::Code::invalid, "kv-v", "cannot be kept as Q4_K", [] {
    load(kDense, {.kv = {DType::f16, DType::q4_k}});
  });
}

TEST(Engine, ExpertsCanBeChosenWithinTheModelsOwn) {
  LOAM_NEEDS(kMoe);
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(10);
  const std::vector<float> two = logits(*load(kMoe), tokens);
  EXPECT_TRUE(same_bits(two, logits(*load(kMoe, {.experts = 2}), tokens)));
  const std::vector<float> eight = logits(*load(kMoe, {.experts = 8}), tokens);
  EXPECT_FALSE(same_bits(two, eight));
  for (const int experts : {-1, 9})
    expect_error(Error::Code::invalid, "experts", "expected 1 to 8", [&] { load(kMoe, {.experts = experts}); });
  expect_error(Error::Code::invalid, "experts", "no experts", [] { load(kDense, {.experts = 1}); });
}

std::vector<float> logits_with(Engine& engine, const SequenceOptions& options, const std::vector<Token>& tokens) {
  const auto sequence = engine.open(options);
  return logits(engine, *sequence, tokens, 512);
}

TEST(Engine, ASequenceMayUseItsOwnNumberOfExperts) {
  LOAM_NEEDS(kMoe);
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(10);
  const auto engine = load(kMoe);
  for (const int experts : {1, 2, 5, 8})
    EXPECT_TRUE(same_bits(logits(*load(kMoe, {.experts = experts}), tokens),
                          logits_with(*engine, {.experts = experts}, tokens)))
        << experts;
  for (const int experts : {-1, 9})
    expect_error(Error::Code::invalid, "experts", "expected 1 to 8", [&] { engine->open({.experts = experts}); });
  expect_error(Error::Code::invalid, "experts", "no experts", [] { load(kDense)->open({.experts = 1}); });
}

TEST(Engine, TellsAndCountsTheExpertsOfEachToken) {
  LOAM_NEEDS(kMoe);
  std::vector<std::tuple<int, int, int64_t, Token>> seen;
  ExpertUsage counted(2, std::vector<uint64_t>(8));
  EngineOptions options;
  options.on_route = [&](const RouteEvent& event) {
    seen.emplace_back(event.layer, event.sequence, event.position, event.token);
    for (const ExpertChoice& choice : event.experts) ++counted[event.layer][choice.expert];
  };
  const auto engine = load(kMoe, options);
  const auto first = engine->open(), second = engine->open();
  logits(*engine, *second, {5, 6, 7}, 2);
  const std::vector<std::tuple<int, int, int64_t, Token>> expected{{0, 1, 0, 5}, {0, 1, 1, 6}, {1, 1, 0, 5},
                                                                   {1, 1, 1, 6}, {0, 1, 2, 7}, {1, 1, 2, 7}};
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(engine->expert_usage(), counted);
  EXPECT_EQ(second->number(), 1);
}

TEST(Engine, ExpertBiasesAreChecked) {
  LOAM_NEEDS(kMoe);
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(10);
  EngineOptions options;
  options.expert_bias = {{0, 3, 1e6f}, {1, 0, -1e6f}};
  const auto engine = load(kMoe, options);
  EXPECT_FALSE(same_bits(logits(*load(kMoe), tokens), logits(*engine, tokens)));
  EXPECT_EQ(engine->expert_usage()[0][3], tokens.size());
  EXPECT_EQ(engine->expert_usage()[1][0], 0u);
  for (const ExpertBias bad : {ExpertBias{2, 0, 1}, {-1, 0, 1}, {0, 8, 1}, {0, -1, 1}, {0, 0, NAN}}) {
    options.expert_bias = {bad};
    expect_error(Error::Code::invalid, "expert-bias", "layers are 0 to 1, experts 0 to 7",
                 [&] { load(kMoe, options); });
    expect_error(Error::Code::invalid, "expert-bias", "no experts", [&] { load(kDense, options); });
  }
}

TEST(Engine, OverridesChangeTheModel) {
  LOAM_NEEDS(kDense);
  const std::vector<Token> tokens = some_tokens(10);
  EngineOptions options;
  options.overrides = {"llama.rope.freq_base=float:500000"};
  EXPECT_FALSE(same_bits(logits(*load(kDense), tokens), logits(*load(kDense, options), tokens)));
  options.overrides = {"llama.block_count=int:600"};
  EXPECT_THROW(load(kDense, options), Error);
}

TEST(Engine, RefusesAContextThatNoMachineHolds) {
  LOAM_NEEDS(kSmol);
  try {
    load(kSmol, {.context = 1 << 28});
    ADD_FAILURE() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::no_memory);
    EXPECT_NE(error.message().find("try --ctx "), std::string::npos) << error.what();
  }
}

TEST(Engine, AVocabularyAloneCannotRun) {
  const std::string path = test::fixture_path("tokenizers/ggml-vocab-qwen2.gguf");
  LOAM_NEEDS(path);
  expect_error(Error::Code::model_invalid, "tensor_count@8", "vocabulary", [&] { load(path); });
}

}  // namespace
}  // namespace loam::test
