// The head of memory/emotion reads vectors that the engine makes; only the program knows both.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/embedder.h"
#include "memory/emotion/emotion.h"
#include "tests/memory/emotion/go_emotions.h"
#include "tests/support/support.h"

namespace loam {
namespace {

// Twelve hundred of the test set's texts: embedding all of them takes a minute.
constexpr size_t kTexts = 1200;

TEST(EmotionHead, GoEmotionsByLoamsOwnVectors) {
  const std::string model = test::model_path("all-minilm-l6-v2");
  const std::string data = test::shared_path("data/emotion/goemotions-ekman-test.tsv.gz");
  LOAM_NEEDS(model);
  LOAM_NEEDS(data);
  const auto rows = test::read_go_emotions(data);
  std::vector<std::string> texts;
  for (size_t i = 0; i < std::min(kTexts, rows.size()); ++i) texts.push_back(rows[i].first);
  const auto embeddings = Embedder::load(model)->embed(texts);
  test::MicroF1 by_head, by_words;
  for (size_t i = 0; i < texts.size(); ++i) {
    by_head.add(feel(texts[i], embeddings[i].vector), rows[i].second);
    by_words.add(feel(texts[i]), rows[i].second);
  }
  EXPECT_GE(by_head.value(), 0.65);
  EXPECT_GT(by_head.value(), by_words.value());
  RecordProperty("by_head", std::to_string(by_head.value()));
  RecordProperty("by_words", std::to_string(by_words.value()));
}

}  // namespace
}  // namespace loam
