// GGUF files of text encoders as llama.cpp's converter writes them, from texts to vectors and scores, against llama.cpp
// (scripts/make_encoders.py).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/embedder.h"
#include "tests/model/families.h"

namespace loam {
namespace {

class GgufEncoder : public testing::TestWithParam<const char*> {
 protected:
  GgufEncoder() {
    const std::string path = testing::TempDir() + "loam_" + GetParam() + ".gguf";
    std::ofstream(path, std::ios::binary) << test::Families("encoders").gguf(GetParam());
    embedder = Embedder::load(path, {.n_threads = 2});
  }
  std::vector<Token> ids(size_t i) const { return golden["ids"][i]; }
  std::vector<float> row(size_t i) const { return golden["rows"][i]; }

  const nlohmann::json golden =
      nlohmann::json::parse(test::read_file(test::data_path("encoders/" + std::string(GetParam()) + ".json")));
  const std::vector<std::string> documents = golden["documents"];
  std::unique_ptr<Embedder> embedder;
};

TEST_P(GgufEncoder, MakesOfTextsWhatTheReferenceMakes) {
  if (embedder->scores()) {
    const std::vector<Score> scores = embedder->score(golden["query"].get<std::string>(), documents);
    for (size_t i = 0; i < documents.size(); ++i) {
      EXPECT_EQ(scores[i].n_tokens, std::ssize(ids(i)));
      EXPECT_NEAR(scores[i].logit, row(i)[0], 1e-3);
    }
    return;
  }
  const std::vector<Embedding> got = embedder->embed(documents);
  for (size_t i = 0; i < documents.size(); ++i) {
    EXPECT_EQ(embedder->tokenize(documents[i]), ids(i)) << documents[i];
    double dot = 0, squares = 0;  // of the reference; the vector has length 1
    for (size_t j = 0; j < got[i].vector.size(); ++j) {
      dot += double{got[i].vector[j]} * row(i)[j];
      squares += double{row(i)[j]} * row(i)[j];
    }
    EXPECT_GE(dot / std::sqrt(squares), 0.99999) << documents[i];
  }
}

INSTANTIATE_TEST_SUITE_P(, GgufEncoder, testing::Values("bert-text", "xlmr-text", "xlmr-text-rank"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace loam
