// Embedders that are decoders, from tiny Hugging Face folders, against the vectors of sentence-transformers.
#include "tests/engine/decoder_embedder.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/error.h"
#include "engine/embedder.h"

namespace loam {
namespace {

using Json = nlohmann::json;
using test::HfFolder;

constexpr double kLeastCosine = 0.99999;

double cosine_to(const std::vector<float>& a, const Json& expected) {
  const auto b = expected.get<std::vector<double>>();
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) ab += a[i] * b[i], aa += double{a[i]} * a[i], bb += b[i] * b[i];
  return a.size() == b.size() ? ab / std::sqrt(aa * bb) : 0;
}

std::unique_ptr<Embedder> load(const Json& model, const Json& pooling, int n_threads = 2, DType type = DType::f32) {
  const HfFolder folder;
  test::write_embedder(folder, model, pooling, type);
  return Embedder::load(folder.path(), {.n_threads = n_threads});
}

class DecoderEmbedder : public testing::TestWithParam<const char*> {};

TEST_P(DecoderEmbedder, HasTheVectorsOfSentenceTransformers) {
  const Json model = test::read_embedder(GetParam());
  const auto texts = model["texts"].get<std::vector<std::string>>();
  for (const auto& [mode, type] : {std::pair("lasttoken", DType::f32), {"mean", DType::f32}, {"mean", DType::bf16}}) {
    const auto embedder = load(model, {{"pooling_mode", mode}}, 2, type);
    EXPECT_EQ(embedder->max_tokens(), model["tokenizer_config"]["model_max_length"]);
    const std::vector<Embedding> got = embedder->embed(texts);
    double least = 1;
    for (size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(embedder->tokenize(texts[i]), model["ids"][i].get<std::vector<Token>>()) << texts[i];
      least = std::min(least, cosine_to(got[i].vector, model[mode][i]));
    }
    EXPECT_GE(least, kLeastCosine) << mode;
    RecordProperty(std::string("least_cosine_") + mode, fmt::format("{:.8f}", least));
  }
}

TEST_P(DecoderEmbedder, AVectorDoesNotDependOnItsCompanyOrTheThreads) {
  const Json model = test::read_embedder(GetParam());
  auto texts = model["texts"].get<std::vector<std::string>>();
  for (int i = 0; i < 40; ++i) texts.push_back("text number " + std::to_string(i));
  const auto embedder = load(model, {{"pooling_mode_lasttoken", true}}),
             single = load(model, Json{{"pooling_mode_lasttoken", true}}, 1);
  const std::vector<Embedding> together = embedder->embed(texts), by_one = single->embed(texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(embedder->embed(std::span(&texts[i], 1))[0].vector, together[i].vector) << texts[i];
    EXPECT_EQ(by_one[i].vector, together[i].vector) << texts[i];
  }
}

INSTANTIATE_TEST_SUITE_P(, DecoderEmbedder,
                         testing::Values("qwen3", "mistral", "mistral_tanh", "gemma", "eurobert", "qwen2_both_ways",
                                         "llama_both_ways", "t5", "t5_gated"));

TEST(DecoderEmbedderFolder, ItsDenseModulesSayHowLongVectorsAre) {
  EXPECT_EQ(load(test::read_embedder("mistral_tanh"), {{"pooling_mode", "mean"}})->dimensions(), 48);
  EXPECT_EQ(load(test::read_embedder("mistral"), {{"pooling_mode", "mean"}})->dimensions(), 64);
}

void expect_embedder_refused(const Json& model, const Json& pooling, const std::string& part) {
  try {
    load(model, pooling);
    ADD_FAILURE() << "accepted; expected a word of " << part;
  } catch (const Error& error) {
    EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
  }
}

TEST(DecoderEmbedderFolder, ADenseModuleThatDoesNotFitIsRefused) {
  const auto expect = [](int module, const char* field, const Json& value, const std::string& part) {
    Json model = test::read_embedder("gemma");
    model["dense"][static_cast<size_t>(module)][field] = value;
    expect_embedder_refused(model, {{"pooling_mode", "mean"}}, part);
  };
  expect(0, "activation_function", "torch.nn.modules.activation.ReLU", "activation_function");
  expect(0, "in_features", 32, "dense_2");
  expect(1, "in_features", 95, "dense_3");
  expect(1, "out_features", 0, "out_features");
  Json third = test::read_embedder("gemma");
  third["dense"].push_back(third["dense"][0]);
  expect_embedder_refused(third, {{"pooling_mode", "mean"}}, "3 Dense modules");
}

TEST(DecoderEmbedderFolder, WhatCannotBePooledIsRefused) {
  const Json model = test::read_embedder("qwen3");
  const auto expect_refused = [&](const Json& pooling, const std::string& part) {
    expect_embedder_refused(model, pooling, part);
  };
  expect_refused({{"pooling_mode", "weightedmean"}}, "weightedmean");
  expect_refused({{"pooling_mode", {"mean", "lasttoken"}}}, "mean and lasttoken");
  expect_refused({{"pooling_mode_cls_token", true}, {"pooling_mode_lasttoken", true}}, "cls and lasttoken");
}

// Without modules.json the same folder makes text.
TEST(DecoderEmbedderFolder, OnlyModulesMakeAnEmbedder) {
  const HfFolder folder;
  test::write_embedder(folder, test::read_embedder("qwen3"), {{"pooling_mode", "lasttoken"}});
  std::filesystem::remove(folder.path() + "/modules.json");
  EXPECT_THROW(Embedder::load(folder.path()), Error);
}

}  // namespace
}  // namespace loam
