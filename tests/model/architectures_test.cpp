// Every architecture against llama.cpp's logits on tiny random models (conformance/archs), on every instruction set of
// this machine, as one batch, one token at a time, and in chunks of 7.
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/model/runner.h"
#include "tests/support/support.h"

namespace loam {
namespace {

constexpr double kMaxError = 1e-5;     // normalised mean squared error
constexpr float kDecisiveGap = 1e-2f;  // between the two best logits: above it the best must be the same

// As the reference kept keys and values: rounded to half precision they decide between experts that nearly tie.
constexpr KvOptions kWhole{.k = DType::f32, .v = DType::f32};

std::vector<float> floats(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

double normalised_error(const std::vector<float>& a, const std::vector<float>& b) {
  double error = 0, power = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    error += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
    power += double{b[i]} * b[i];
  }
  return error / power;
}

// Rows where the reference is decisive, and those of them where `a` chooses otherwise.
struct Agreement {
  int n_decisive = 0, n_different = 0;
};

Agreement agreement(const std::vector<float>& a, const std::vector<float>& reference, size_t n_vocab) {
  Agreement result;
  for (size_t row = 0; row < reference.size(); row += n_vocab) {
    std::vector<float> sorted(reference.begin() + row, reference.begin() + row + n_vocab);
    std::ranges::sort(sorted, std::greater{});
    if (sorted[0] - sorted[1] <= kDecisiveGap) continue;
    const auto best = [&](const std::vector<float>& v) {
      return std::max_element(v.begin() + row, v.begin() + row + n_vocab) - (v.begin() + row);
    };
    ++result.n_decisive;
    result.n_different += best(a) != best(reference);
  }
  return result;
}

class Architectures : public testing::TestWithParam<std::string> {};

TEST_P(Architectures, AgreeWithTheReferenceInEveryWayOfBatching) {
  const std::string model = test::fixture_path("archs/" + GetParam() + ".gguf");
  const std::string index = test::shared_path("conformance/archs/index.json");
  LOAM_NEEDS(model);
  LOAM_NEEDS(index);
  const auto tokens = nlohmann::json::parse(test::read_file(index))["tokens"].get<std::vector<int32_t>>();
  const auto reference = floats(test::read_file(test::shared_path("conformance/archs/" + GetParam() + ".logits.f32")));
  std::vector<float> first;
  for (const KernelTable* kernels : available_kernels()) {
    test::Runner runner(model, *kernels, 2);
    const auto n_vocab = static_cast<size_t>(runner.model().config().n_vocab);
    ASSERT_EQ(reference.size(), tokens.size() * n_vocab);
    for (const int chunk : {static_cast<int>(tokens.size()), 1, 7}) {
      SCOPED_TRACE(testing::Message() << kernels->name << ", chunks of " << chunk);
      const std::vector<float> logits = runner.logits(tokens, chunk, kWhole);
      ASSERT_EQ(logits.size(), reference.size());
      EXPECT_LE(normalised_error(logits, reference), kMaxError);
      const Agreement choices = agreement(logits, reference, n_vocab);
      EXPECT_GT(choices.n_decisive, 30);
      EXPECT_EQ(choices.n_different, 0);
      if (first.empty()) first = logits;
      EXPECT_EQ(std::memcmp(first.data(), logits.data(), logits.size() * sizeof(float)), 0)
          << "logits depend on the batch or the instruction set";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Conformance, Architectures,
                         testing::Values("deepseek2-moe", "falcon-dense", "gemma2-dense", "gemma3-dense", "glm4moe-moe",
                                         "gpt-oss-moe", "gpt2-dense", "granitehybrid-dense", "jamba-dense",
                                         "lfm2-dense", "llama-dense", "llama-moe", "mamba-dense", "mamba2-dense",
                                         "olmo2-dense", "phi3-dense", "qwen2-dense", "qwen2moe-moe", "qwen3-dense",
                                         "qwen35-dense", "qwen3moe-moe", "qwen3next-moe", "stablelm-dense",
                                         "starcoder2-dense"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace loam
