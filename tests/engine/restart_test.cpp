// Engines that find on the disk what others, which may have been killed, have read.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "engine/page_name.h"
#include "tests/engine/page_files.h"
#include "tests/engine/tiny_engine.h"
#include "tests/support/support.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using test::endless;
using test::files_in;
using test::random_tokens;
using test::write_bytes;

class Restart : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Engine> load(EngineOptions options = {}) {
    options.context = 1024;
    options.chunk = 64;
    if (options.cache_dir.empty()) options.cache_dir = folder_ / "cache";
    return test::tiny_engine(folder_, {.arch = GetParam()}, std::move(options));
  }
  static GenerateResult generate(Engine& engine, const std::vector<Token>& prompt, int64_t n,
                                 const SequenceOptions& options = {}) {
    const auto sequence = engine.open(options);
    return engine.generate(*sequence, prompt, endless(n), {});
  }
  // Waits until all that was read is on the disk: what the memory evicts before is lost.
  static void settle(const Engine& engine) {
    while (engine.cache_stats().n_saving > 0) ::usleep(100);
  }
  std::vector<Token> expected(const std::vector<Token>& prompt, int64_t n) {
    const auto engine = load({.prefix_cache = false});
    return generate(*engine, prompt, n).tokens;
  }
  fs::path kv() const { return folder_.path() / "cache" / "kv"; }

  test::TempFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(, Restart, testing::Values("llama", "gemma3", "mamba", "qwen3next"));

TEST_P(Restart, ASecondTurnComputesOnlyTheNewTokens) {
  std::vector<Token> prompt = random_tokens(300, 1);
  int64_t n_held = 0;
  for (uint32_t turn = 0; turn < 4; ++turn) {
    const GenerateResult result = generate(*load(), prompt, 40);
    EXPECT_EQ(result.n_reused, n_held) << turn;
    EXPECT_EQ(result.tokens, expected(prompt, 40)) << turn;
    prompt.insert(prompt.end(), result.tokens.begin(), result.tokens.end());
    n_held = std::ssize(prompt) - 1;
    for (const Token token : random_tokens(20, 70 + turn)) prompt.push_back(token);
  }
}

TEST_P(Restart, NothingIsSharedBetweenSaltsTypesOrModels) {
  const std::vector<Token> prompt = random_tokens(200, 1);
  generate(*load(), prompt, 10, {.cache_salt = "ann"});
  std::vector<Token> longer = random_tokens(200, 1);
  for (const Token token : generate(*load(), prompt, 10, {.cache_salt = "ann"}).tokens) longer.push_back(token);
  EXPECT_EQ(generate(*load(), longer, 5, {.cache_salt = "ann"}).n_reused, 209);
  EXPECT_EQ(generate(*load(), longer, 5, {.cache_salt = "bob"}).n_reused, 0);
  const KvOptions q8{DType::q8_0, DType::q8_0};
  EXPECT_EQ(generate(*load(), longer, 5, {.kv = q8, .cache_salt = "ann"}).n_reused, 0);
  EngineOptions other;
  other.overrides = {std::string(GetParam()) + ".rope.freq_base=float:500000"};
  EXPECT_EQ(generate(*load(other), longer, 5, {.cache_salt = "ann"}).n_reused, 0);
  fs::last_write_time(folder_ / (std::string(GetParam()) + "1.gguf"), fs::file_time_type::clock::now());
  EXPECT_EQ(generate(*load(), longer, 5, {.cache_salt = "ann"}).n_reused, 0);  // another file, for all one knows
}

TEST_P(Restart, WhatIsForgedOrTornIsComputedAgain) {
  const std::vector<Token> prompt = random_tokens(200, 1);
  const std::vector<Token> tokens = expected(prompt, 30);
  generate(*load(), prompt, 30);
  const std::vector<fs::path> files = files_in(kv());
  ASSERT_GE(files.size(), 7u);
  std::mt19937 random(1);
  for (int round = 0; round < 12; ++round) {
    for (const fs::path& file : files_in(kv())) {
      if (random() % 3 != 0 && round > 0) continue;
      std::string bytes = test::read_file(file);
      if (bytes.empty()) continue;
      if (random() % 2 == 0)
        bytes.resize(random() % bytes.size());
      else
        bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
      write_bytes(file, bytes);
    }
    const GenerateResult result = generate(*load(), prompt, 30);
    ASSERT_EQ(result.tokens, tokens) << round;
    if (round == 0) {
      EXPECT_EQ(result.n_reused, 0);
    }
  }
  EXPECT_EQ(generate(*load(), prompt, 30).tokens, tokens);
  EXPECT_GE(files_in(kv()).size(), files.size());
}

// The memory holds one conversation of several, the disk all of them.
TEST_P(Restart, WhatMemoryEvictsTheDiskKeeps) {
  std::vector<std::vector<Token>> texts;
  for (uint32_t i = 0; i < 6; ++i) texts.push_back(random_tokens(700, i));
  for (int turn = 0; turn < 3; ++turn) {
    const auto engine = load();
    for (auto& text : texts) {
      const GenerateResult result = generate(*engine, text, 20);
      ASSERT_EQ(result.tokens, expected(text, 20));
      EXPECT_EQ(result.n_reused, turn == 0 ? 0 : std::ssize(text) - 2) << turn;
      settle(*engine);
      text.insert(text.end(), result.tokens.begin(), result.tokens.end());
      text.push_back(5);
    }
    EXPECT_GT(engine->cache_stats().n_evicted, 0);
    EXPECT_EQ(engine->cache_stats().n_loaded > 0, turn > 0);
  }
}

TEST_P(Restart, WhatIsForgottenIsNeitherInMemoryNorOnTheDisk) {
  const std::vector<Token> prompt = random_tokens(300, 1);
  const auto engine = load();
  const auto reused = [&](const char* user) {
    const int64_t n = generate(*engine, prompt, 10, {.cache_salt = user}).n_reused;
    settle(*engine);
    return n;
  };
  for (const char* user : {"ann", "bob"}) EXPECT_EQ(reused(user), 0);
  const auto open = engine->open({.cache_salt = "ann"});  // one that is under way must leave nothing either
  engine->start(*open, prompt, endless(40));
  engine->step();
  engine->forget("ann");
  const auto n_files_of = [&](std::string_view user) {
    const std::string begin = to_hex(PageName::owner_of(user));
    return std::ranges::count_if(files_in(kv()),
                                 [&](const fs::path& f) { return f.filename().string().starts_with(begin); });
  };
  EXPECT_EQ(n_files_of("ann"), 0);
  while (!engine->step().empty()) {
  }
  settle(*engine);
  EXPECT_EQ(n_files_of("ann"), 0);
  EXPECT_GE(n_files_of("bob"), 9);
  EXPECT_EQ(std::vector<Token>(open->tokens().begin() + 300, open->tokens().end()), expected(prompt, 40));
  EXPECT_EQ(reused("ann"), 0);
  EXPECT_EQ(reused("bob"), 288);
  EXPECT_EQ(reused("new"), 0);
  EXPECT_EQ(reused("ann"), reused("new"));  // what is read after that is kept as anybody's
}

// A long text is read in pieces, between which others move on; the disk and the memory hold parts of it by turns.
TEST_P(Restart, SeveralLoadAtOnceAndMayBeCancelled) {
  const std::vector<Token> common = random_tokens(500, 1);
  generate(*load(), common, 10);
  const auto engine = load({.parallel = 4});
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (Token i = 0; i < 4; ++i) {
    std::vector<Token> text = common;
    text.push_back(i);
    sequences.push_back(engine->open());
    engine->start(*sequences.back(), text, endless(10));
  }
  engine->cancel(*sequences[2]);
  while (!engine->step().empty()) {
  }
  for (const size_t i : {0, 1, 3}) {
    EXPECT_GE(sequences[i]->n_cached(), 480) << i;
    const std::vector<Token>& all = sequences[i]->tokens();
    EXPECT_EQ(std::vector<Token>(all.begin() + 501, all.end()), expected({all.begin(), all.begin() + 501}, 10)) << i;
  }
}

TEST_P(Restart, EvaluationUsesTheDisk) {
  const std::vector<Token> tokens = random_tokens(300, 1);
  const auto last = [&](Engine& engine) {
    const auto sequence = engine.open();
    std::vector<float> row;
    engine.evaluate(*sequence, tokens, 64, 299, [&](int64_t, std::span<const float> r) { row = {r.begin(), r.end()}; });
    return row;
  };
  const std::vector<float> expected_row = last(*load());
  const auto engine = load();
  EXPECT_EQ(last(*engine), expected_row);
  EXPECT_GE(engine->cache_stats().n_loaded, 9);
}

// Whatever was written when the process is killed, at any moment, is either whole or not there.
TEST_P(Restart, AKilledProcessLeavesNothingWrong) {
  test::tiny_engine(folder_, {.arch = GetParam()}, {});  // writes the model's file
  const std::vector<Token> prompt = random_tokens(400, 1);
  for (size_t n_files = 2; n_files < 12; n_files += 3) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (uint32_t i = 0;; ++i) {
        const auto engine = load();
        generate(*engine, i == 0 ? prompt : random_tokens(400, i), 20);
      }
    }
    while (files_in(kv()).size() < n_files) ::usleep(200);
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(generate(*load(), prompt, 20).tokens, expected(prompt, 20));
  }
  EXPECT_EQ(generate(*load(), prompt, 20).n_reused, 384);
}

TEST(DiskCacheOption, IsCheckedAtTheLoad) {
  const test::TempFolder folder;
  fs::create_directory(folder / "kv");
  fs::permissions(folder / "kv", fs::perms::all);
  try {
    test::tiny_engine(folder, {}, {.cache_dir = folder.path()});
    ADD_FAILURE() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::io);
    EXPECT_NE(error.message().find("chmod 700"), std::string::npos) << error.message();
  }
}

}  // namespace
}  // namespace loam
