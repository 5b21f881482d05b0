// A llama model of two small layers in memory, for tests that bend it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/support/gguf_builder.h"

namespace loam::test {

struct TinyModel {
  uint32_t n_layers = 2, n_heads = 4, n_kv_heads = 2, dim = 64, ffn_dim = 96, n_vocab = 32, context_length = 128;
  std::map<std::string, std::vector<uint64_t>> shapes;  // of tensors that differ from what the numbers say
  std::vector<std::string> left_out;                    // tensors

  // The file's keys; a test may add further ones.
  GgufBuilder keys() const {
    GgufBuilder writer;
    writer.key("general.architecture", "llama");
    writer.key("llama.block_count", n_layers).key("llama.context_length", context_length);
    writer.key("llama.embedding_length", dim).key("llama.feed_forward_length", ffn_dim);
    writer.key("llama.attention.head_count", n_heads).key("llama.attention.head_count_kv", n_kv_heads);
    writer.key("llama.attention.layer_norm_rms_epsilon", 1e-5f).key("llama.vocab_size", n_vocab);
    return writer;
  }

  std::string bytes() const {
    GgufBuilder writer = keys();
    add_tensors(writer);
    return writer.bytes();
  }

  void add_tensors(GgufBuilder& writer) const {
    const uint64_t d = dim, kv = uint64_t{dim} / n_heads * n_kv_heads;
    add(writer, "token_embd.weight", {d, n_vocab});
    add(writer, "output_norm.weight", {d});
    for (uint32_t i = 0; i < n_layers; ++i) {
      const std::string layer = "blk." + std::to_string(i) + ".";
      add(writer, layer + "attn_norm.weight", {d});
      add(writer, layer + "attn_q.weight", {d, d});
      add(writer, layer + "attn_k.weight", {d, kv});
      add(writer, layer + "attn_v.weight", {d, kv});
      add(writer, layer + "attn_output.weight", {d, d});
      add(writer, layer + "ffn_norm.weight", {d});
      add(writer, layer + "ffn_gate.weight", {d, ffn_dim});
      add(writer, layer + "ffn_up.weight", {d, ffn_dim});
      add(writer, layer + "ffn_down.weight", {ffn_dim, d});
    }
  }

 private:
  // Some numbers that are neither all alike nor large.
  void add(GgufBuilder& writer, const std::string& name, std::vector<uint64_t> dims) const {
    for (const std::string& absent : left_out)
      if (absent == name) return;
    if (const auto other = shapes.find(name); other != shapes.end()) dims = other->second;
    uint64_t n = 1;
    for (const uint64_t dim : dims) n *= dim;
    std::vector<float> values(n);
    for (uint64_t i = 0; i < n; ++i) values[i] = static_cast<float>((i * 7919 + name.size()) % 101) / 500 - 0.1f;
    writer.tensor(name, dims, values);
  }
};

}  // namespace loam::test
