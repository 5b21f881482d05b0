// Models of text as encoders: the hidden states that the head would read, of every kind of memory that a model has, for
// many texts at once.
#include "model/pooled_decoder.h"

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/model/families.h"
#include "tests/model/runner.h"

namespace loam {
namespace {

using test::families;

std::unique_ptr<GgufFile> open_family(const std::string& bytes, int64_t pooling) {
  auto file = GgufFile::parse(std::as_bytes(std::span(bytes)));
  if (pooling > 0)
    file->metadata().insert(std::string(file->metadata().require_string("general.architecture")) + ".pooling_type",
                            {.type = MetaType::i64, .value = pooling});
  return file;
}

// An encoder with what it runs on.
class Running {
 public:
  explicit Running(std::unique_ptr<GgufFile> file)
      : file_(std::move(file)), encoder_(Encoder::create(Weights(*file_, select_kernels()))) {
    encoder_->weights().load(pool_, {});
  }
  // [text][dim]
  std::vector<std::vector<float>> embed(const std::vector<std::vector<int32_t>>& texts) {
    Batch batch;
    for (const auto& text : texts) {
      batch.spans.push_back({.first_row = batch.n_rows(), .n_rows = static_cast<int>(text.size())});
      batch.tokens.insert(batch.tokens.end(), text.begin(), text.end());
      for (int i = 0; i < static_cast<int>(text.size()); ++i) batch.positions.push_back(i);
    }
    context_.arena.reset();
    const Tensor vectors = encoder_->embed(context_, batch);
    std::vector<std::vector<float>> out;
    for (size_t i = 0; i < texts.size(); ++i) {
      const float* row = vectors.row(static_cast<int64_t>(i));
      out.emplace_back(row, row + vectors.shape.cols());
    }
    return out;
  }

 private:
  std::unique_ptr<GgufFile> file_;
  ThreadPool pool_{2};
  Context context_{pool_, select_kernels()};
  std::unique_ptr<Encoder> encoder_;
};

class PooledDecoderTest : public testing::TestWithParam<const char*> {};

TEST_P(PooledDecoderTest, VectorsAreTheStatesThatTheHeadReads) {
  const std::string bytes = families().gguf(GetParam());
  const std::vector<int32_t> tokens = families().tokens();
  test::Runner runner(open_family(bytes, 0), select_kernels(), 2);
  const std::vector<float> states = runner.states(tokens, static_cast<int>(tokens.size()));
  const auto dim = static_cast<size_t>(runner.model().config().dim);
  ASSERT_EQ(states.size(), tokens.size() * dim);

  // Enough texts that one lies across two pieces of the batch.
  std::vector<std::vector<int32_t>> texts(300 / tokens.size() + 1, tokens);
  texts[1].resize(5);
  Running last(open_family(bytes, 3)), mean(open_family(bytes, 1));
  const auto of_last = last.embed(texts), of_mean = mean.embed(texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    const size_t n = texts[i].size();
    const std::vector<float> expected(states.begin() + static_cast<ptrdiff_t>((n - 1) * dim),
                                      states.begin() + static_cast<ptrdiff_t>(n * dim));
    EXPECT_EQ(of_last[i], expected) << "text " << i;
    for (size_t j = 0; j < dim; ++j) {
      double sum = 0;
      for (size_t row = 0; row < n; ++row) sum += states[row * dim + j];
      ASSERT_NEAR(of_mean[i][j], sum / static_cast<double>(n), 1e-4) << "text " << i << " " << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, PooledDecoderTest,
                         testing::Values("llama-dense", "qwen3moe-moe", "gemma3-dense", "gemma3n-dense",
                                         "deepseek2-moe", "mamba2-dense", "jamba-dense", "qwen3next-moe", "rwkv6-dense",
                                         "rwkv7-dense", "talkie-dense", "hrm_text-dense", "kimi-k3-moe"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

TEST(PooledDecoder, OnlyFilesThatSayHowTheyPoolAreEmbedders) {
  const std::string bytes = families().gguf("llama-dense");
  EXPECT_FALSE(Encoder::is_encoder(open_family(bytes, 0)->metadata()));
  EXPECT_TRUE(Encoder::is_encoder(open_family(bytes, 3)->metadata()));
  const auto file = open_family(bytes, 3);
  EXPECT_THROW(Model::create(Weights(*file, select_kernels())), Error) << "it makes no text";
  const auto unknown = open_family(bytes, 9);
  EXPECT_THROW(Encoder::create(Weights(*unknown, select_kernels())), Error);
  const std::string diffusion = families().gguf("llada-dense");
  const auto whole = open_family(diffusion, 3);
  EXPECT_THROW(Encoder::create(Weights(*whole, select_kernels())), Error) << "it reads no text in pieces";
}

// Tokens that see all of their text: of a text of one token nothing changes but that no key is rounded.
TEST(PooledDecoder, TokensMaySeeTheirWholeText) {
  for (const std::string family : {"llama-dense", "qwen3-dense"}) {
    const std::string bytes = families().gguf(family);
    const std::vector<int32_t> tokens = families().tokens();
    const auto open = [&](bool causal) {
      auto file = open_family(bytes, kFirstPooling);
      const auto arch = std::string(file->metadata().require_string("general.architecture"));
      file->metadata().insert(arch + ".attention.causal", {.type = MetaType::boolean, .value = causal});
      return file;
    };
    Running causal(open(true)), whole(open(false));
    const std::vector<std::vector<int32_t>> texts = {tokens, {tokens[0]}, {tokens[0], tokens[1], tokens[2]}};
    const auto together = whole.embed(texts), before = causal.embed(texts);
    EXPECT_NE(together[0], before[0]) << "the first token sees those behind it";
    for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(whole.embed({texts[i]})[0], together[i]) << i;
    for (size_t j = 0; j < together[1].size(); ++j) EXPECT_NEAR(together[1][j], before[1][j], 2e-3f) << family;
  }
}

TEST(PooledDecoder, WhatCannotSeeItsWholeTextIsRefused) {
  for (const char* family : {"mamba2-dense", "gemma3-dense", "deepseek2-moe", "llama-moe"}) {
    const std::string bytes = families().gguf(family);
    const auto file = open_family(bytes, 1);
    const auto arch = std::string(file->metadata().require_string("general.architecture"));
    file->metadata().insert(arch + ".attention.causal", {.type = MetaType::boolean, .value = false});
    try {
      Encoder::create(Weights(*file, select_kernels()));
      ADD_FAILURE() << family;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::unsupported);
      EXPECT_NE(error.message().find("attention.causal is false"), std::string::npos) << error.what();
      EXPECT_TRUE(error.where().starts_with("hparam@")) << error.where();
    }
  }
}

}  // namespace
}  // namespace loam
