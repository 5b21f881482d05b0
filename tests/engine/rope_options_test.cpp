// Stretched contexts: what the options make of a model's metadata, against YaRN's formula (arXiv 2309.00071).
#include "engine/rope_options.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "engine/engine.h"
#include "model/model_config.h"
#include "tests/support/support.h"

namespace loam {
namespace {

const std::string kQwen = test::fixture_path("archs/qwen3-dense.gguf");  // 256 tokens, base 10,000, heads of 64

ModelConfig config_with(const RopeOptions& options, int64_t context = 0, const std::vector<std::string>& own = {}) {
  const auto file = GgufFile::open(kQwen);
  for (const std::string& text : own) file->metadata().apply_override(text);
  apply_rope_options(file->metadata(), options, context);
  return ModelConfig::read(file->metadata());
}

void expect_refused(const std::string& option, const RopeOptions& options, int64_t context = 0) {
  try {
    config_with(options, context);
    ADD_FAILURE() << option << ": nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid);
    EXPECT_EQ(error.where(), option) << error.what();
    EXPECT_NE(error.message().find(option), std::string::npos) << error.what();
  }
}

TEST(RopeOptions, LinearDividesEverySpeed) {
  LOAM_NEEDS(kQwen);
  const ModelConfig c = config_with({.scaling = "linear", .factor = 4});
  EXPECT_EQ(c.context_length, 1024);
  const Rope rope = make_rope(c.rope, false, {});
  for (int i = 0; i < 32; ++i) {
    const double expected = std::pow(10000, -i / 32.0) / 4;
    EXPECT_NEAR(rope.inverse_frequencies[i], expected, 1e-6 * expected);
  }
  EXPECT_EQ(rope.attention_factor, 1);
}

// A pair that turns r times within the original length keeps its speed where r ≥ 32, is divided where r ≤ 1, and in
// between moves by its place between the two pairs.
TEST(RopeOptions, YarnFollowsItsFormula) {
  LOAM_NEEDS(kQwen);
  const ModelConfig c = config_with({.scaling = "yarn", .factor = 8, .original = 4096});
  EXPECT_EQ(c.context_length, 32768);
  const Rope rope = make_rope(c.rope, false, {});
  const auto pair = [](double turns) {
    return 32 * std::log(4096 / (turns * 2 * std::numbers::pi)) / std::log(10000.0);
  };
  const double low = std::floor(pair(32)), high = std::ceil(pair(1));
  for (int i = 0; i < 32; ++i) {
    const double full = std::pow(10000, -i / 32.0), divided = std::clamp((i - low) / (high - low), 0.0, 1.0);
    const double expected = full * (1 - divided) + full / 8 * divided;
    EXPECT_NEAR(rope.inverse_frequencies[i], expected, 1e-6 * expected) << i;
  }
  EXPECT_NEAR(rope.attention_factor, 1 + 0.1 * std::log(8.0), 1e-6);
}

TEST(RopeOptions, TheModelsOwnValuesStandWhereNothingIsSaid) {
  LOAM_NEEDS(kQwen);
  const std::vector<std::string> own{"qwen3.rope.scaling.type=str:yarn", "qwen3.rope.scaling.factor=float:4",
                                     "qwen3.rope.scaling.original_context_length=int:512",
                                     "qwen3.rope.scaling.yarn_beta_fast=float:16", "qwen3.context_length=int:2048"};
  const auto expect = [&](const RopeOptions& options, RopeScaling scaling, double factor, int64_t original,
                          int64_t length) {
    const ModelConfig c = config_with(options, 0, own);
    EXPECT_EQ(c.rope.scaling, scaling);
    EXPECT_EQ(c.rope.factor, factor);
    EXPECT_EQ(c.rope.original_context, original);
    EXPECT_EQ(c.rope.beta_fast, 16);
    EXPECT_EQ(c.context_length, length);
  };
  expect({}, RopeScaling::yarn, 4, 512, 2048);
  expect({.factor = 2}, RopeScaling::yarn, 2, 512, 1024);
  expect({.original = 1024}, RopeScaling::yarn, 4, 1024, 4096);
  expect({.scaling = "linear"}, RopeScaling::linear, 4, 512, 2048);
  expect({.scaling = "none"}, RopeScaling::none, 4, 512, 512);
}

TEST(RopeOptions, TheContextTellsTheFactor) {
  LOAM_NEEDS(kQwen);
  const ModelConfig c = config_with({.scaling = "yarn"}, 640);
  EXPECT_EQ(c.rope.factor, 2.5);
  EXPECT_EQ(c.context_length, 640);
}

TEST(RopeOptions, RefuseByName) {
  LOAM_NEEDS(kQwen);
  expect_refused("rope-scaling", {.scaling = "cubic", .factor = 2});
  expect_refused("rope-scaling", {.factor = 2});
  for (const double factor : {0.5, -1.0, 1025.0, double{NAN}, double{INFINITY}})
    expect_refused("rope-factor", {.scaling = "yarn", .factor = factor});
  expect_refused("rope-factor", {.scaling = "yarn"});
  expect_refused("rope-factor", {.scaling = "yarn"}, 256);
  expect_refused("rope-factor", {.scaling = "none", .factor = 2});
  expect_refused("rope-factor", {.scaling = "yarn", .factor = 1024, .original = 1 << 28});
  expect_refused("rope-original", {.scaling = "yarn", .factor = 2, .original = -1});
}

TEST(RopeOptions, ALongContextWarns) {
  LOAM_NEEDS(kQwen);
  const auto warning = [](EngineOptions options) {
    std::string said;
    options.warn = [&](const std::string& message) { said += message; };
    Engine::load(kQwen, std::move(options));
    return said;
  };
  EXPECT_EQ(warning({.context = 256}), "");
  EXPECT_EQ(warning({.context = 1025}).substr(0, 45), "context 1,025 is beyond the trained 256: text");
  EXPECT_EQ(warning({.context = 1024, .rope = {.scaling = "yarn", .factor = 4}}), "");
  EXPECT_NE(warning({.context = 1025, .rope = {.scaling = "yarn", .factor = 4}}).find("stretched 1,024"),
            std::string::npos);
}

}  // namespace
}  // namespace loam
