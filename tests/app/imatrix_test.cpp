// loam imatrix: the sums of a text, against the model's own numbers.
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "file/importance_matrix.h"
#include "quant/block_format.h"
#include "tests/app/program.h"
#include "tests/engine/tiny_engine.h"

namespace loam::test {
namespace {

class Imatrix : public testing::Test {
 protected:
  // A model that reads bytes, and the matrix of a text.
  std::string model(const std::string& arch) const {
    RandomModel{.arch = arch}.write(folder_ / (arch + ".gguf"));
    return folder_ / (arch + ".gguf");
  }
  ImportanceMatrix measure(const std::string& model, const std::string& text, std::vector<std::string> options) const {
    const TemporaryFile file(text);
    options.insert(options.begin(), {"imatrix", model, file.path(), "-o", out(), "--json"});
    const Outcome outcome = run_loam(std::move(options));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    summary_ = nlohmann::json::parse(outcome.out, nullptr, false);
    return ImportanceMatrix::read(out());
  }
  std::string out() const { return folder_ / "m.gguf"; }
  void expect_refused(std::vector<std::string> arguments, int status, const std::string& part) const {
    const Outcome outcome = run_loam(std::move(arguments));
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, part)) << outcome.err;
    EXPECT_FALSE(exists(out()));
  }

  TempFolder folder_;
  mutable nlohmann::json summary_;
};

std::string some_text(int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += static_cast<char>('a' + i * i % 23);
  return text;
}

std::vector<float> values_of(const GgufFile& file, const char* name) {
  const TensorInfo& tensor = *file.find(name);
  std::vector<std::byte> scratch;
  std::vector<float> values(static_cast<size_t>(tensor.shape.elements()));
  find_format(tensor.dtype)
      ->decode(file.bytes(tensor, 0, tensor.bytes, scratch).data(), tensor.shape.elements(), values.data());
  return values;
}

// Σ x² of what the first layer's attention multiplies: normed embeddings. The bytes of a text are its tokens.
std::vector<double> squares_of_first_inputs(const std::string& model, const std::string& text) {
  const auto file = GgufFile::open(model);
  const std::vector<float> embedding = values_of(*file, "token_embd.weight"),
                           norm = values_of(*file, "blk.0.attn_norm.weight");
  std::vector<double> squares(norm.size());
  for (const char byte : text) {
    const float* x = embedding.data() + static_cast<size_t>(static_cast<unsigned char>(byte)) * norm.size();
    double mean = 0;
    for (size_t i = 0; i < norm.size(); ++i) mean += double{x[i]} * x[i] / static_cast<double>(norm.size());
    for (size_t i = 0; i < norm.size(); ++i) squares[i] += std::pow(x[i] * norm[i], 2) / (mean + 1e-5);
  }
  return squares;
}

void expect_squares(const ImportanceMatrix::Entry& entry, const std::vector<double>& expected) {
  ASSERT_EQ(entry.squares.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(entry.squares[i], expected[i], 1e-4 * expected[i]) << i;
}

TEST_F(Imatrix, HoldsTheSumsOfADenseModel) {
  const std::string path = model("llama"), text = some_text(200);
  const ImportanceMatrix matrix = measure(path, text, {"--ctx", "32"});
  EXPECT_EQ(matrix.n_chunks, 6);
  EXPECT_EQ(matrix.chunk_size, 32);
  EXPECT_EQ(matrix.datasets.size(), 1u);
  EXPECT_EQ(matrix.entries().size(), 7u * RandomModel::kLayers);
  for (const auto& [name, entry] : matrix.entries()) EXPECT_EQ(entry.counts, std::vector<int64_t>{192}) << name;
  for (const char* name : {"blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight"})
    expect_squares(matrix.entries().at(name), squares_of_first_inputs(path, text.substr(0, 192)));
  EXPECT_EQ(summary_["n_tensors"], matrix.entries().size());
  EXPECT_EQ(summary_["n_chunks"], 6);

  const ImportanceMatrix fewer = measure(path, text, {"--ctx", "32", "--chunks", "2"});
  expect_squares(fewer.entries().at("blk.0.attn_q.weight"), squares_of_first_inputs(path, text.substr(0, 64)));
  std::filesystem::rename(out(), folder_ / "first.gguf");
  const ImportanceMatrix sum = measure(path, text, {"--ctx", "32", "--add", folder_ / "first.gguf"});
  EXPECT_EQ(sum.n_chunks, 8);
  EXPECT_EQ(sum.entries().at("blk.2.ffn_down.weight").counts, std::vector<int64_t>{256});
}

TEST_F(Imatrix, HoldsTheHeadWhereItIsAskedFor) {
  const ImportanceMatrix matrix = measure(model("llama"), some_text(100), {"--ctx", "40", "--process-output"});
  EXPECT_EQ(matrix.entries().at("output.weight").counts, std::vector<int64_t>{80});
}

// 514 tokens: the last two of a window go through the experts one by one.
TEST_F(Imatrix, CountsTheInputsOfEachExpert) {
  const std::string path = model("qwen3next"), text = some_text(1100);
  const ImportanceMatrix matrix = measure(path, text, {"--ctx", "514"});
  int n_stacks = 0;
  for (const auto& [name, entry] : matrix.entries()) {
    const bool stacked = contains(name, "_exps.");
    n_stacks += stacked;
    EXPECT_EQ(entry.counts.size(), stacked ? 4u : 1u) << name;
    EXPECT_EQ(std::reduce(entry.counts.begin(), entry.counts.end()), 2 * 514 * (stacked ? 2 : 1)) << name;
  }
  EXPECT_EQ(n_stacks, 9);
  // All experts of a layer together see their tokens' inputs, which the router sees once.
  const auto& router = matrix.entries().at("blk.1.ffn_gate_inp.weight");
  const auto& experts = matrix.entries().at("blk.1.ffn_up_exps.weight");
  for (size_t i = 0; i < router.squares.size(); ++i) {
    double sum = 0;
    for (size_t expert = 0; expert < 4; ++expert) sum += experts.squares[expert * router.squares.size() + i];
    EXPECT_NEAR(sum, 2 * router.squares[i], 1e-4 * sum);
  }
  EXPECT_EQ(matrix.entries().at("blk.1.ffn_gate_exps.weight").squares, experts.squares);
}

TEST_F(Imatrix, IsUsedByQuantize) {
  const std::string path = model("llama");
  measure(path, some_text(200), {"--ctx", "32", "--process-output"});
  const Outcome done = run_loam({"quantize", path, folder_ / "q.gguf", "IQ4_NL", "--imatrix", out()});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_FALSE(contains(done.out, "attn_q")) << done.out;  // not in the importance matrix
}

TEST_F(Imatrix, WhatCannotBeIsRefused) {
  const std::string path = model("llama");
  const TemporaryFile text(some_text(50));
  expect_refused({"imatrix", path, text.path(), "-o", out()}, 2, "50 tokens, less than one window of 512");
  expect_refused({"imatrix", path, text.path(), "-o", folder_ / "absent/m.gguf"}, 1, "cannot write");
  expect_refused({"imatrix", path, text.path()}, 2, "--out");
  expect_refused({"imatrix", path, folder_ / "absent", "-o", out()}, 1, "absent");
  expect_refused({"imatrix", path, text.path(), "-o", out(), "--add", path}, 3, "importance");
}

}  // namespace
}  // namespace loam::test
