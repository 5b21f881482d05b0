// Every architecture that loam has against llama.cpp's logits on tiny models, as one batch, one token at a time, and in
// chunks of 7.
#include <cstdlib>
#include <fstream>
#include <span>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/diffusion.h"
#include "tests/model/families.h"
#include "tests/model/runner.h"

namespace loam {
namespace {

using test::families;

constexpr double kMostError = 1e-5;  // normalised mean squared error

bool has_logits(const std::string& name) { return test::exists(test::data_path("families/" + name + ".f32")); }

// Those that loam runs.
std::vector<std::string> families_in_the_list() {
  std::vector<std::string> names;
  for (const std::string& name : families().names())
    for (const Architecture& architecture : kArchitectures)
      if (architecture.name == families().architecture(name) &&
          test::exists(test::data_path("families/" + name + ".f32")))
        names.push_back(name);
  return names;
}

// Of the rows whose logits are known.
double error_of(const std::vector<float>& logits, const std::vector<float>& reference) {
  const std::vector<int> rows = families().rows();
  const size_t n_vocab = reference.size() / rows.size();
  double error = 0, power = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double difference = double{logits[rows[i / n_vocab] * n_vocab + i % n_vocab]} - reference[i];
    error += difference * difference;
    power += double{reference[i]} * reference[i];
  }
  return error / power;
}

// Tokens of a batch. What sees a whole text is given all at once.
std::vector<int> ways_of_batching(const ModelConfig& config, int n_tokens) {
  if (sees_whole_text(config)) return {n_tokens};
  return test::kSanitized ? std::vector{7} : std::vector{7, n_tokens, 1};
}

class FamiliesTest : public testing::TestWithParam<std::string> {};

TEST_P(FamiliesTest, AgreeWithTheReferenceInEveryWayOfBatching) {
  const std::vector<int32_t> tokens = families().tokens();
  const std::vector<float> reference = families().logits(GetParam());
  const std::string bytes = families().gguf(GetParam());
  test::Runner runner(GgufFile::parse(std::as_bytes(std::span(bytes))), *available_kernels().back(), 2);
  std::vector<float> first;
  for (const int chunk : ways_of_batching(runner.model().config(), static_cast<int>(tokens.size()))) {
    SCOPED_TRACE(testing::Message() << "chunks of " << chunk);
    const std::vector<float> logits = runner.logits(tokens, chunk);
    ASSERT_EQ(logits.size() / tokens.size(), reference.size() / families().rows().size());
    EXPECT_LE(error_of(logits, reference), kMostError);
    if (first.empty()) first = logits;
    EXPECT_EQ(first, logits) << "logits depend on the batch";
  }
}

INSTANTIATE_TEST_SUITE_P(All, FamiliesTest, testing::ValuesIn(families_in_the_list()), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name)
    if (c == '-' || c == '.') c = '_';
  return name;
});

// Attention whose index picks tokens is run as far as the index picks them all.
TEST(IndexedAttention, RefusesTokensBeyondThoseThatItsIndexPicks) {
  constexpr int kPicked = 8, kBlock = 4;
  for (const std::string name : {"deepseek32-moe", "dots3note-moe", "hy_v4-moe", "minimax-m3-moe", "qwen4exp-moe"}) {
    SCOPED_TRACE(name);
    const std::string bytes = families().gguf(name), arch = families().architecture(name);
    auto file = GgufFile::parse(std::as_bytes(std::span(bytes)));
    const int picked = arch == "minimax-m3" ? kPicked / kBlock : kPicked;  // blocks
    file->metadata().apply_override(arch + ".attention.indexer.top_k=int:" + std::to_string(picked));
    test::Runner runner(std::move(file), *available_kernels().back(), 1);
    EXPECT_EQ(runner.model().config().context_length, kPicked);
    std::vector<int32_t> tokens = families().tokens();
    tokens.resize(kPicked);
    EXPECT_FALSE(runner.logits(tokens, kPicked).empty());
    tokens.push_back(0);
    EXPECT_THROW(runner.logits(tokens, kPicked), Error);
  }
}

// For scripts/make_families.py: writes $LOAM_FAMILIES/NAME.gguf of each model that has no logits yet.
TEST(FamiliesTest, DISABLED_WriteFamilies) {
  const char* folder = std::getenv("LOAM_FAMILIES");
  ASSERT_NE(folder, nullptr);
  for (const std::string& name : families().names())
    if (!has_logits(name))
      std::ofstream(std::string(folder) + "/" + name + ".gguf", std::ios::binary) << families().gguf(name);
}

}  // namespace
}  // namespace loam
