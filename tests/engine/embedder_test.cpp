// Vectors of the installed embedding model against those of its authors' library, and an Embedder among several
// threads.
#include "engine/embedder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <future>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>
#include <utility>

#include "base/error.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using test::read_file;
using test::shared_path;

class MiniLm : public testing::Test {
 protected:
  void SetUp() override {
    const std::string model = test::model_path("all-minilm-l6-v2");
    LOAM_NEEDS(model);
    embedder_ = Embedder::load(model, {.n_threads = 2});
  }

  std::unique_ptr<Embedder> embedder_;
};

double cosine(const std::vector<float>& a, const float* b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) ab += double{a[i]} * b[i], aa += double{a[i]} * a[i], bb += double{b[i]} * b[i];
  return ab / std::sqrt(aa * bb);
}

TEST_F(MiniLm, IdsAndVectorsAreThoseOfTheReference) {
  const std::string base = shared_path("conformance/embeddings/all-minilm-l6-v2");
  LOAM_NEEDS(base + ".json");
  const auto reference = nlohmann::json::parse(read_file(base + ".json"));
  const std::string bytes = read_file(base + ".f32");
  std::vector<float> expected(bytes.size() / sizeof(float));
  std::memcpy(expected.data(), bytes.data(), bytes.size());
  const auto texts = reference.at("sentences").get<std::vector<std::string>>();
  ASSERT_EQ(texts.size(), 50u);
  ASSERT_EQ(expected.size(), texts.size() * static_cast<size_t>(embedder_->dimensions()));

  const std::vector<Embedding> got = embedder_->embed(texts);
  double least = 1;
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(embedder_->tokenize(texts[i]), reference.at("ids")[i].get<std::vector<Token>>()) << texts[i];
    EXPECT_EQ(got[i].n_tokens, std::ssize(reference.at("ids")[i]));
    EXPECT_EQ(got[i].truncated, reference.at("ids")[i].size() == 256) << texts[i];
    const double c = cosine(got[i].vector, &expected[i * got[i].vector.size()]);
    EXPECT_GE(c, 0.9999) << texts[i];
    least = std::min(least, c);
  }
  RecordProperty("least_cosine", std::to_string(least));
}

TEST_F(MiniLm, AVectorHasLengthOneAndDoesNotDependOnItsCompany) {
  const std::vector<std::string> texts = {"one", "", std::string(3000, 'x'), "두 번째 문장", "третье предложение here"};
  const std::vector<Embedding> together = embedder_->embed(texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    const Embedding alone = embedder_->embed(std::span(&texts[i], 1)).front();
    EXPECT_EQ(alone.vector, together[i].vector) << texts[i];
    double squares = 0;
    for (const float x : alone.vector) squares += double{x} * x;
    EXPECT_NEAR(squares, 1, 1e-5);
  }
}

TEST_F(MiniLm, SeveralThreadsMayAskAtOnce) {
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) texts.push_back("sentence number " + std::to_string(i));
  const std::vector<Embedding> expected = embedder_->embed(texts);
  const auto ask_with_threads = [&](const Embedder& embedder, int n_threads) {
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < n_threads; ++t)
      threads.emplace_back([&] {
        const std::vector<Embedding> got = embedder.embed(texts);
        for (size_t i = 0; i < texts.size(); ++i) wrong += got[i].vector != expected[i].vector;
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
  };
  ask_with_threads(*embedder_, 4);
  ask_with_threads(*Embedder::load(test::model_path("all-minilm-l6-v2"), {.n_threads = 1}),
                   6);  // more than run at once
}

// As where a question is asked while a long text is embedded with little time.
TEST_F(MiniLm, WithOneThreadNobodyWaitsForAnothersCall) {
  const auto alone = Embedder::load(test::model_path("all-minilm-l6-v2"), {.n_threads = 1});
  const std::string text = "a question";
  std::promise<void> begun, asked;
  bool has_begun = false;
  std::thread other([&] {
    alone->embed(std::span(&text, 1), [&] {
      if (!std::exchange(has_begun, true)) {
        begun.set_value();
        asked.get_future().wait();
      }
      return false;
    });
  });
  begun.get_future().wait();
  EXPECT_EQ(alone->embed(std::span(&text, 1)).size(), 1U);  // would hang
  asked.set_value();
  other.join();
}

TEST_F(MiniLm, ACancelledCallEndsAndTheNextWorks) {
  const std::vector<std::string> texts(100, "a text that is embedded many times");
  std::atomic<int> asked = 0;  // by several threads
  try {
    embedder_->embed(texts, [&] { return ++asked > 3; });
    ADD_FAILURE() << "was not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::cancelled);
  }
  EXPECT_EQ(embedder_->embed(texts).size(), texts.size());
}

TEST_F(MiniLm, ForeignIdsAreRefused) {
  for (const std::vector<Token>& ids : {std::vector<Token>{}, {-1}, {101, 30522, 102}}) {
    EXPECT_THROW(embedder_->embed_tokens(std::span(&ids, 1)), Error);
  }
  const std::vector<Token> ids = embedder_->tokenize("a happy dog");
  const std::string text = "a happy dog";
  EXPECT_EQ(embedder_->embed_tokens(std::span(&ids, 1))[0].vector, embedder_->embed(std::span(&text, 1))[0].vector);
}

}  // namespace
}  // namespace loam
