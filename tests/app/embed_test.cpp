// loam embed, with the installed embedding model.
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/app/program.h"

namespace loam::test {
namespace {

TEST(Embed, TextsLinesAndJson) {
  const std::string model = model_path("all-minilm-l6-v2");
  LOAM_NEEDS(model);
  const Outcome two = run_loam({"embed", model, "a happy dog", "행복한 개", "-t", "1"});
  ASSERT_EQ(two.status, 0) << two.err;
  std::istringstream lines(two.out);
  std::vector<std::string> vectors;
  for (std::string line; std::getline(lines, line);) vectors.push_back(line);
  ASSERT_EQ(vectors.size(), 2u);
  std::istringstream numbers(vectors[0]);
  double squares = 0;
  int n = 0;
  for (double x = 0; numbers >> x; ++n) squares += x * x;
  EXPECT_EQ(n, 384);
  EXPECT_NEAR(squares, 1, 1e-4);

  const TemporaryFile file("a happy dog\r\n\nthird\n");
  const Outcome json = run_loam({"embed", model, "--file", file.path(), "--json"});
  ASSERT_EQ(json.status, 0) << json.err;
  const auto parsed = nlohmann::json::parse(json.out);
  EXPECT_EQ(parsed["dimensions"], 384);
  ASSERT_EQ(parsed["embeddings"].size(), 3u);
  EXPECT_EQ(parsed["embeddings"][0]["n_tokens"], 5);
  EXPECT_EQ(parsed["embeddings"][1]["tokens"], (std::vector<int>{101, 102}));
  EXPECT_FALSE(parsed["embeddings"][2]["truncated"].get<bool>());
  EXPECT_EQ(parsed["embeddings"][0]["embedding"].size(), 384u);
}

TEST(Embed, OtherCommandsSayWhatTheModelIsFor) {
  const std::string model = model_path("all-minilm-l6-v2");
  LOAM_NEEDS(model);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"generate", model, "-p", "hi"}, {"chat", model}, {"plan", model}})
    EXPECT_TRUE(contains(run_loam(arguments).err, arguments[0] == "plan" ? "bert" : "loam embed")) << arguments[0];
  EXPECT_TRUE(contains(run_loam({"show", model}).out, "an embedding model"));
  EXPECT_EQ(run_loam({"embed", model, "x", "--file", "y"}).status, 2);
  EXPECT_EQ(run_loam({"embed", "/absent", "x"}).status, 1);
}

}  // namespace
}  // namespace loam::test
