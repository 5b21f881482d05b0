// The real models against llama.cpp's ids, greedy continuations and mean NLL (conformance/real/reference.json).
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/engine.h"
#include "tests/support/support.h"

namespace loam {
namespace {

constexpr double kDecisiveGap = 0.3;  // between the two best logits: below it the reference could choose otherwise
constexpr size_t kNllTokens = 512;
constexpr double kNllTolerance = 0.005;

struct RealModel {
  const char* name;
  const char* file;  // in reference.json
};

class RealModels : public testing::TestWithParam<RealModel> {
 protected:
  void SetUp() override {
    const std::string path = test::model_path(GetParam().name);
    const std::string references = test::shared_path("conformance/real/reference.json");
    LOAM_NEEDS(path);
    LOAM_NEEDS(references);
    reference_ = nlohmann::json::parse(test::read_file(references))[GetParam().file];
    EngineOptions options;
    options.context = 1024;
    engine_ = Engine::load(path, options);
  }

  nlohmann::json reference_;
  std::unique_ptr<Engine> engine_;
};

TEST_P(RealModels, PromptsHaveTheReferenceIds) {
  for (const auto& c : reference_["cases"])
    EXPECT_EQ(engine_->tokenizer().encode(c["prompt"].get<std::string>(), {.special = true, .add_special = true}),
              c["ids"].get<std::vector<Token>>());
}

TEST_P(RealModels, GreedyContinuationIsTheReferencesWhileItIsSure) {
  SamplingOptions greedy{.temperature = 0};
  size_t n_compared = 0;
  for (const auto& c : reference_["cases"]) {
    SCOPED_TRACE(c["prompt"].dump());
    const auto ids = c["ids"].get<std::vector<Token>>();
    const auto expected = c["greedy"].get<std::vector<Token>>();
    const auto gaps = c["gaps"].get<std::vector<double>>();
    greedy.max_tokens = std::ssize(expected);
    const auto sequence = engine_->open();
    const std::vector<Token> tokens = engine_->generate(*sequence, ids, greedy, {}).tokens;
    for (size_t i = 0; i < expected.size() && gaps[i] >= kDecisiveGap; ++i, ++n_compared) {
      ASSERT_LT(i, tokens.size());
      ASSERT_EQ(tokens[i], expected[i]) << "step " << i;
    }
  }
  EXPECT_GE(n_compared, 10u);
}

TEST_P(RealModels, MeanNllOfATextIsTheReferences) {
  const std::string text = test::read_file(test::shared_path("conformance/real/gpl3-head.txt"));
  std::vector<Token> ids = engine_->tokenizer().encode(text, {.add_special = true});
  ASSERT_GE(ids.size(), kNllTokens);
  ids.resize(kNllTokens);
  double sum = 0;
  const auto sequence = engine_->open();
  engine_->evaluate(*sequence, ids, kNllTokens, 0, [&](int64_t at, std::span<const float> logits) {
    if (static_cast<size_t>(at) + 1 == ids.size()) return;
    const double most = *std::ranges::max_element(logits);
    double total = 0;
    for (const float logit : logits) total += std::exp(logit - most);
    sum += std::log(total) + most - logits[static_cast<size_t>(ids[static_cast<size_t>(at) + 1])];
  });
  const double reference = reference_["text_mean_nll_512"];
  EXPECT_NEAR(sum / (kNllTokens - 1), reference, kNllTolerance * reference);
}

INSTANTIATE_TEST_SUITE_P(Conformance, RealModels,
                         testing::Values(RealModel{"smollm2-135m", "SmolLM2-135M-Instruct.Q4_1.gguf"},
                                         RealModel{"gemma3-270m", "gemma-3-270m-q4_k_m.gguf"},
                                         RealModel{"qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b.gguf"}),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::ranges::replace_if(
                               name, [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

}  // namespace
}  // namespace loam
