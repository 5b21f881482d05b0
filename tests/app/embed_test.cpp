// loam embed, with the installed embedding model.
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/app/program.h"
#include "tests/engine/decoder_embedder.h"

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

TEST(Embed, AConvertedDecoderHasItsFoldersVectorsAndPrompts) {
  const HfFolder folder;
  write_embedder(folder, read_embedder("qwen3"), {{"pooling_mode", "lasttoken"}});
  const TemporaryFile gguf("", ".gguf");
  const Outcome converted = run_loam({"convert", folder.path(), gguf.path()});
  ASSERT_EQ(converted.status, 0) << converted.err;
  const Outcome of_folder = run_loam({"embed", folder.path(), "a happy dog", "--prompt", "query", "--json"});
  ASSERT_EQ(of_folder.status, 0) << of_folder.err;
  const Outcome of_file = run_loam({"embed", gguf.path(), "a happy dog", "--prompt", "query", "--json"});
  ASSERT_EQ(of_file.status, 0) << of_file.err;
  const auto a = nlohmann::json::parse(of_folder.out)["embeddings"][0];
  const auto b = nlohmann::json::parse(of_file.out)["embeddings"][0];
  EXPECT_EQ(a["tokens"], b["tokens"]);
  EXPECT_EQ(a["embedding"], b["embedding"]);
  const Outcome unknown = run_loam({"embed", gguf.path(), "x", "--prompt", "summary"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_TRUE(contains(unknown.err, "document, query")) << unknown.err;
}

// --quant gives the vectors of the file that `loam quantize` would write.
TEST(Embed, QuantisesAsItLoads) {
  const HfFolder folder;
  write_embedder(folder, read_embedder("qwen3"), {{"pooling_mode", "lasttoken"}});
  const TemporaryFile quantised("", ".gguf");
  const Outcome converted = run_loam({"convert", folder.path(), quantised.path(), "--type", "q8_0"});
  ASSERT_EQ(converted.status, 0) << converted.err;
  const Outcome of_file = run_loam({"embed", quantised.path(), "a happy dog"});
  ASSERT_EQ(of_file.status, 0) << of_file.err;
  const Outcome at_load = run_loam({"embed", folder.path(), "a happy dog", "--quant", "q8_0"});
  EXPECT_EQ(at_load.out, of_file.out) << at_load.err;
  EXPECT_NE(at_load.out, run_loam({"embed", folder.path(), "a happy dog"}).out);
  for (const char* command : {"embed", "rerank"}) {
    const Outcome unknown = run_loam({command, folder.path(), "a happy dog", "x", "--quant", "q9"});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_TRUE(contains(unknown.err, "Q4_K_M")) << unknown.err;
  }
}

// A model of text makes vectors when it is told how.
TEST(Embed, PoolingOfAModelOfText) {
  const HfFolder folder;
  write_embedder(folder, read_embedder("qwen3"), {{"pooling_mode", "lasttoken"}});
  const Outcome known = run_loam({"embed", folder.path(), "a happy dog"});
  std::filesystem::remove(folder.path() + "/modules.json");
  const Outcome unknown = run_loam({"embed", folder.path(), "a happy dog"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_TRUE(contains(unknown.err, "--pooling")) << unknown.err;
  const Outcome told = run_loam({"embed", folder.path(), "a happy dog", "--pooling", "last"});
  EXPECT_EQ(told.out, known.out) << told.err;
  EXPECT_NE(run_loam({"embed", folder.path(), "a happy dog", "--pooling", "mean"}).out, known.out);
}

}  // namespace
}  // namespace loam::test
