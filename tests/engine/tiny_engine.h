// Engines with small random models that read and write bytes, for tests of many steps.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/tokenizer/small_vocabulary.h"

namespace loam::test {

// A folder that is gone at the end of the test.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = testing::TempDir() + "loam_XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Its weights are large enough that any difference in the cache soon shows in the text. The layers of "gemma3" see
// windows of kWindow tokens, but for the second.
struct RandomModel {
  static constexpr uint32_t kLayers = 3, kDim = 64, kHeads = 4, kKvHeads = 2, kFfn = 96, kVocab = 257, kWindow = 40;
  static constexpr uint32_t kContext = 4096;

  std::string arch = "llama";
  uint32_t seed = 1;

  void write(const std::string& path) const { std::ofstream(path, std::ios::binary) << bytes(); }

  std::string bytes() const {
    SmallVocabulary vocabulary = byte_vocabulary();
    const Token end = vocabulary.add("<end>", TokenType::control);
    GgufBuilder writer = vocabulary.write();
    writer.key("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(end));
    writer.key("general.architecture", arch).key(arch + ".vocab_size", kVocab);
    writer.key(arch + ".block_count", kLayers).key(arch + ".context_length", kContext);
    writer.key(arch + ".embedding_length", kDim).key(arch + ".feed_forward_length", kFfn);
    writer.key(arch + ".attention.head_count", kHeads).key(arch + ".attention.head_count_kv", kKvHeads);
    writer.key(arch + ".attention.key_length", kHeadDim).key(arch + ".attention.value_length", kHeadDim);
    writer.key(arch + ".attention.layer_norm_rms_epsilon", 1e-5f);
    if (arch == "gemma3") {
      writer.key(arch + ".attention.sliding_window", kWindow);
      writer.array(arch + ".attention.sliding_window_pattern", std::vector<uint32_t>{1, 0, 1});
    }
    add_tensors(writer);
    return writer.bytes();
  }

 private:
  static constexpr uint32_t kHeadDim = 32;

  void add_tensors(GgufBuilder& writer) const {
    std::mt19937 random(seed);
    const auto add = [&](const std::string& name, std::vector<uint64_t> dims) {
      std::vector<float> values(dims[0] * (dims.size() > 1 ? dims[1] : 1));
      std::normal_distribution<float> normal(dims.size() > 1 ? 0.0f : 1.0f, dims.size() > 1 ? 0.3f : 0.1f);
      for (float& value : values) value = normal(random);
      writer.tensor(name + ".weight", std::move(dims), values);
    };
    for (const char* table : {"token_embd", "output"}) add(table, {kDim, kVocab});
    add("output_norm", {kDim});
    for (uint32_t i = 0; i < kLayers; ++i) {
      const std::string layer = "blk." + std::to_string(i) + ".";
      for (const char* norm : {"attn_norm", "ffn_norm"}) add(layer + norm, {kDim});
      add(layer + "attn_q", {kDim, kHeads * kHeadDim});
      for (const char* kv : {"attn_k", "attn_v"}) add(layer + kv, {kDim, kKvHeads * kHeadDim});
      add(layer + "attn_output", {kHeads * kHeadDim, kDim});
      for (const char* up : {"ffn_gate", "ffn_up"}) add(layer + up, {kDim, kFfn});
      add(layer + "ffn_down", {kFfn, kDim});
      if (arch != "gemma3") continue;
      for (const char* norm : {"post_attention_norm", "post_ffw_norm"}) add(layer + norm, {kDim});
      for (const char* norm : {"attn_q_norm", "attn_k_norm"}) add(layer + norm, {kHeadDim});
    }
  }
};

// An engine on such a model. Small contexts and few threads, so that tests take no time.
inline std::unique_ptr<Engine> tiny_engine(const TempFolder& folder, const RandomModel& model, EngineOptions options) {
  const std::string path = folder / (model.arch + std::to_string(model.seed) + ".gguf");
  if (!std::filesystem::exists(path)) model.write(path);
  options.n_threads = 1;
  if (!options.clock) options.clock = [] { return 0.0; };  // the size of a step depends on no clock
  options.map = MapMode::read;
  return Engine::load(path, std::move(options));
}

inline std::vector<Token> random_tokens(int n, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Token> tokens(static_cast<size_t>(n));
  for (Token& token : tokens) token = static_cast<Token>(random() % 256);
  return tokens;
}

// Never ends by itself.
inline SamplingOptions endless(int64_t max_tokens, uint64_t seed = 0) {
  SamplingOptions options{.temperature = 1, .max_tokens = max_tokens};
  options.seed = seed;
  options.logit_bias[RandomModel::kVocab - 1] = -1e9f;
  return options;
}

}  // namespace loam::test
