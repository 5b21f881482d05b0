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
// windows of kWindow tokens, but for the second; those of "mamba" keep a state and nothing else, and those of
// "qwen3next" keep one, but for the second, which attends.
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
    if (has_state()) {
      writer.key(arch + ".ssm.conv_kernel", kKernel).key(arch + ".ssm.inner_size", kInner);
      writer.key(arch + ".ssm.state_size", kStates).key(arch + ".ssm.group_count", kGroups);
      writer.key(arch + ".ssm.time_step_rank", kSsmHeads);
    }
    if (arch == "qwen3next") {
      writer.array(arch + ".attention.recurrent_layers", std::vector<uint32_t>{1, 0, 1});
      writer.key(arch + ".expert_count", kExperts).key(arch + ".expert_used_count", 2u);
      writer.key(arch + ".expert_feed_forward_length", kFfn);
    }
    add_tensors(writer);
    return writer.bytes();
  }

  bool has_state() const { return arch == "mamba" || arch == "qwen3next"; }

 private:
  static constexpr uint32_t kHeadDim = 32;
  static constexpr uint32_t kKernel = 4, kInner = 2 * kDim, kStates = 16, kSsmHeads = 8, kGroups = 4, kExperts = 4;

  // Writes tensors of random numbers: small ones around 0 for matrices, large ones around 1 for vectors.
  struct Tensors {
    GgufBuilder& writer;
    std::mt19937 random;

    void add(const std::string& name, std::vector<uint64_t> dims) {
      const bool is_vector = dims.size() == 1;
      add(name + ".weight", std::move(dims), is_vector ? 1.0f : 0.0f, is_vector ? 0.1f : 0.3f);
    }
    void add(const std::string& name, std::vector<uint64_t> dims, float mean, float spread) {
      uint64_t n = 1;
      for (const uint64_t dim : dims) n *= dim;
      std::vector<float> values(n);
      std::normal_distribution<float> normal(mean, spread);
      for (float& value : values) value = normal(random);
      writer.tensor(name, std::move(dims), values);
    }
  };

  void add_tensors(GgufBuilder& writer) const {
    Tensors t{writer, std::mt19937(seed)};
    for (const char* table : {"token_embd", "output"}) t.add(table, {kDim, kVocab});
    t.add("output_norm", {kDim});
    for (uint32_t i = 0; i < kLayers; ++i) {
      const std::string layer = "blk." + std::to_string(i) + ".";
      if (arch == "mamba")
        add_mamba(t, layer);
      else if (arch == "qwen3next")
        add_hybrid(t, layer, i == 1);
      else
        add_transformer(t, layer);
    }
  }

  void add_transformer(Tensors& t, const std::string& layer) const {
    for (const char* norm : {"attn_norm", "ffn_norm"}) t.add(layer + norm, {kDim});
    t.add(layer + "attn_q", {kDim, kHeads * kHeadDim});
    for (const char* kv : {"attn_k", "attn_v"}) t.add(layer + kv, {kDim, kKvHeads * kHeadDim});
    t.add(layer + "attn_output", {kHeads * kHeadDim, kDim});
    for (const char* up : {"ffn_gate", "ffn_up"}) t.add(layer + up, {kDim, kFfn});
    t.add(layer + "ffn_down", {kFfn, kDim});
    if (arch != "gemma3") return;
    for (const char* norm : {"post_attention_norm", "post_ffw_norm"}) t.add(layer + norm, {kDim});
    for (const char* norm : {"attn_q_norm", "attn_k_norm"}) t.add(layer + norm, {kHeadDim});
  }

  static void add_hybrid(Tensors& t, const std::string& layer, bool attends) {
    t.add(layer + "attn_norm", {kDim});
    if (attends) {
      t.add(layer + "attn_q", {kDim, 2 * kHeads * kHeadDim});  // with a gate of each feature
      for (const char* kv : {"attn_k", "attn_v"}) t.add(layer + kv, {kDim, kKvHeads * kHeadDim});
      t.add(layer + "attn_output", {kHeads * kHeadDim, kDim});
      for (const char* norm : {"attn_q_norm", "attn_k_norm"}) t.add(layer + norm, {kHeadDim});
    } else {
      add_delta_net(t, layer);
    }
    add_experts(t, layer);
  }

  static void add_experts(Tensors& t, const std::string& layer) {
    t.add(layer + "post_attention_norm", {kDim});
    t.add(layer + "ffn_gate_inp", {kDim, kExperts});
    for (const char* up : {"ffn_gate_exps", "ffn_up_exps"}) t.add(layer + up, {kDim, kFfn, kExperts});
    t.add(layer + "ffn_down_exps", {kFfn, kDim, kExperts});
    t.add(layer + "ffn_gate_inp_shexp", {kDim});
    for (const char* up : {"ffn_gate_shexp", "ffn_up_shexp"}) t.add(layer + up, {kDim, kFfn});
    t.add(layer + "ffn_down_shexp", {kFfn, kDim});
  }

  static void add_mamba(Tensors& t, const std::string& layer) {
    t.add(layer + "attn_norm", {kDim});
    t.add(layer + "ssm_in", {kDim, 2 * kInner});
    t.add(layer + "ssm_conv1d", {kKernel, kInner});
    t.add(layer + "ssm_conv1d.bias", {kInner}, 0, 0.1f);
    t.add(layer + "ssm_x", {kInner, kSsmHeads + 2 * kStates});
    t.add(layer + "ssm_dt", {kSsmHeads, kInner});
    t.add(layer + "ssm_dt.bias", {kInner}, -3, 0.5f);
    t.add(layer + "ssm_a", {kStates, kInner}, -1, 0.1f);
    t.add(layer + "ssm_d", {kInner}, 1, 0.1f);
    t.add(layer + "ssm_out", {kInner, kDim});
  }

  static void add_delta_net(Tensors& t, const std::string& layer) {
    t.add(layer + "attn_qkv", {kDim, 2 * kGroups * kStates + kInner});
    t.add(layer + "attn_gate", {kDim, kInner});
    t.add(layer + "ssm_conv1d", {kKernel, 2 * kGroups * kStates + kInner});
    t.add(layer + "ssm_ba", {kDim, 2 * kSsmHeads});
    t.add(layer + "ssm_dt.bias", {kSsmHeads}, -3, 0.5f);
    t.add(layer + "ssm_a", {kSsmHeads}, -1, 0.1f);
    t.add(layer + "ssm_norm", {kInner / kSsmHeads});
    t.add(layer + "ssm_out", {kInner, kDim});
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
