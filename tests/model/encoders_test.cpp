// Every architecture of text encoders against llama.cpp's vectors and scores on tiny models (scripts/make_encoders.py),
// alone and in company, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "model/encoder.h"
#include "tests/model/families.h"

namespace loam {
namespace {

using test::Families;

constexpr double kLeastCosine = 0.99999;

const Families& encoders() {
  static const Families encoders("encoders");
  return encoders;
}

std::unique_ptr<GgufFile> parse(const std::string& bytes) { return GgufFile::parse(std::as_bytes(std::span(bytes))); }

// An encoder and what it needs to run.
class EncoderRunner {
 public:
  explicit EncoderRunner(const std::string& name)
      : bytes_(encoders().gguf(name)),
        file_(parse(bytes_)),
        encoder_(Encoder::create(Weights(*file_, select_kernels()))) {
    encoder_->weights().load(pool_, {});
  }

  const Encoder& encoder() const { return *encoder_; }
  // What the encoder makes of some texts, one after another in a batch.
  std::vector<float> run(std::span<const std::pair<int, int>> texts) {
    const std::vector<int32_t> tokens = encoders().tokens();
    Batch batch;
    for (const auto& [begin, end] : texts) {
      batch.spans.push_back({.first_row = batch.n_rows(), .n_rows = end - begin});
      batch.tokens.insert(batch.tokens.end(), tokens.begin() + begin, tokens.begin() + end);
      for (int i = 0; i < end - begin; ++i) batch.positions.push_back(i);
    }
    context_.arena.reset();
    const Tensor rows = encoder_->embed(context_, batch);
    return {rows.f32(), rows.f32() + rows.shape.elements()};
  }

 private:
  const std::string bytes_;
  const std::unique_ptr<GgufFile> file_;
  ThreadPool pool_{2};
  Context context_{pool_, select_kernels()};
  const std::unique_ptr<Encoder> encoder_;
};

double cosine(const float* a, const float* b, size_t n) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < n; ++i) ab += double{a[i]} * b[i], aa += double{a[i]} * a[i], bb += double{b[i]} * b[i];
  return ab / std::sqrt(aa * bb);
}

class EncodersTest : public testing::TestWithParam<std::string> {};

TEST_P(EncodersTest, AgreeWithTheReference) {
  EncoderRunner runner(GetParam());
  const std::vector<float> reference = encoders().logits(GetParam()), got = runner.run(encoders().texts());
  ASSERT_EQ(got.size(), reference.size());
  const size_t n_texts = encoders().texts().size(), dim = reference.size() / n_texts;
  EXPECT_EQ(runner.encoder().scores(), dim == 1);
  double least = 1;
  for (size_t i = 0; i < n_texts; ++i) {
    if (dim == 1)
      EXPECT_NEAR(got[i], reference[i], 1e-3) << i;
    else
      least = std::min(least, cosine(&got[i * dim], &reference[i * dim], dim));
  }
  EXPECT_GE(least, kLeastCosine);
  RecordProperty("least_cosine", std::to_string(least));
}

TEST_P(EncodersTest, ATextHasTheSameBitsAloneAndInCompany) {
  EncoderRunner runner(GetParam());
  const auto texts = encoders().texts();
  const std::vector<float> together = runner.run(texts);
  std::vector<float> alone;
  for (const auto& text : texts) {
    const std::vector<float> vector = runner.run(std::span(&text, 1));
    alone.insert(alone.end(), vector.begin(), vector.end());
  }
  EXPECT_EQ(alone, together);
}

INSTANTIATE_TEST_SUITE_P(All, EncodersTest, testing::ValuesIn(encoders().names()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(EncodersTest, EveryArchitectureHasAReference) {
  for (const std::string_view name : Encoder::architectures()) {
    bool found = false;
    for (const std::string& model : encoders().names()) found = found || encoders().architecture(model) == name;
    EXPECT_TRUE(found) << name;
  }
}

void expect_refused(const std::string& name, const std::string& change, const std::string& part) {
  const std::string bytes = encoders().gguf(name);
  const auto file = parse(bytes);
  file->metadata().apply_override(encoders().architecture(name) + "." + change);
  try {
    Encoder::create(Weights(*file, select_kernels()));
    ADD_FAILURE() << name << " was accepted with " << change;
  } catch (const Error& error) {
    EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
  }
}

TEST(EncodersTest, WhatDoesNotFitIsRefusedByName) {
  for (const std::string& name : encoders().names()) {
    expect_refused(name, "feed_forward_length=int:95", "ffn_");
    expect_refused(name, "embedding_length=int:128", "token_embd");
  }
  expect_refused("bert", "context_length=int:99", "position_embd");
  expect_refused("bert", "pooling_type=int:7", "pooling_type");
  expect_refused("bert", "pooling_type=int:4", "cls.output");  // a score without a head
  expect_refused("modern-bert-rank", "classifier.pooling_type=int:4", "classifier.pooling_type");
  expect_refused("nomic-bert-moe", "expert_count=int:5", "ffn_");
  expect_refused("gemma-embedding", "dense_2_feat_out=int:96", "dense_2");
  expect_refused("modern-bert", "rope.dimension_count=int:15", "rope.dimension_count");
}

// For scripts/make_encoders.py: writes $LOAM_ENCODERS/NAME.gguf of each model.
TEST(EncodersTest, DISABLED_WriteEncoders) {
  const char* folder = std::getenv("LOAM_ENCODERS");
  ASSERT_NE(folder, nullptr);
  for (const std::string& name : encoders().names())
    std::ofstream(std::string(folder) + "/" + name + ".gguf", std::ios::binary) << encoders().gguf(name);
}

}  // namespace
}  // namespace loam
