// Tiny models of many architectures: the keys and shapes of tests/data/families/skeletons.json (by
// scripts/make_families.py) with weights from a formula, so that a file is made in memory wherever it is needed.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quant/half.h"
#include "tests/model/gguf_tokenizer.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/support.h"

namespace loam::test {

// How a tensor's numbers spread: evenly, `deviation` around `mean`, so that every layer matters: matrices that keep the
// size of what they multiply, norms near one, states that fade. One-sided ones go only the deviation's way from the
// mean.
struct Spread {
  float mean = 0, deviation = 0;
  bool one_sided = false;

  // `name` as in the file; `fan_in`: the length of a row.
  static Spread of(std::string_view name, size_t rank, uint64_t fan_in) {
    const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
    const float unit = 1 / std::sqrt(static_cast<float>(fan_in));
    if (has("ssm_a") && !has("norm")) return {-0.05f, -0.5f, true};
    if (name.ends_with("ssm_d") || name.ends_with("ssm_d.weight")) return {1, 0.2f};
    if (has("rope_fr") || has("rope_fac")) return {1, 1, true};
    if (has("norm") && name.ends_with(".weight")) return {1, 0.2f};
    if (has("sinks")) return {0, 1};
    if (name.ends_with(".bias") || has("exp_probs_b")) return {0, 0.2f};
    if (has("conv1d") || has("shortconv.conv")) return {0, 0.5f};
    if (has("gate_inp")) return {0, 3 * unit};
    if (name.starts_with("token_embd") || name.starts_with("position_embd")) return {0, 0.5f};
    if (rank == 1) return {1, 0.2f};
    return {0, 1.3f * unit};
  }
};

class Families {
 public:
  // `folder` of tests/data.
  explicit Families(const std::string& folder = "families")
      : folder_(folder), data_(nlohmann::json::parse(read_file(data_path(folder + "/skeletons.json")))) {}

  std::vector<std::string> names() const {  // "llama-dense", "llama-moe", …
    std::vector<std::string> names;
    for (const auto& model : data_["models"].items()) names.push_back(model.key());
    return names;
  }
  std::string architecture(const std::string& name) const { return data_["models"][name]["architecture"]; }
  std::vector<int32_t> tokens() const { return data_["tokens"]; }  // what every model is given
  std::vector<int> rows() const { return data_["rows"]; }          // the tokens after which the logits are known

  // Of encoders: where each text begins and ends in the tokens.
  std::vector<std::pair<int, int>> texts() const { return data_["texts"]; }

  // llama.cpp's logits, [rows][n_vocab]; of encoders the vectors or scores of the texts.
  std::vector<float> logits(const std::string& name) const {
    const std::string bytes = read_file(data_path(folder_ + "/" + name + ".f32"));
    std::vector<float> logits(bytes.size() / sizeof(float));
    std::memcpy(logits.data(), bytes.data(), bytes.size());
    return logits;
  }

  // The file's bytes.
  std::string gguf(const std::string& name) const {
    const nlohmann::json& model = data_["models"][name];
    GgufBuilder writer;
    add_keys(writer, name);
    const int n_layers = key(name, "@.block_count")[1];
    for (const auto& tensor : model["tensors"].items()) {
      const std::string& pattern = tensor.key();
      const bool in_every_layer = pattern.starts_with("blk.*");
      for (int i = 0; i < (in_every_layer ? n_layers : 1); ++i)
        add_tensor(writer, in_every_layer ? "blk." + std::to_string(i) + pattern.substr(5) : pattern, tensor.value(),
                   model);
    }
    return writer.bytes();
  }

 private:
  // [type, value] or [type, value, how often] or [type, values]; null where the file has no such key.
  const nlohmann::json& key(const std::string& name, const std::string& key) const {
    const nlohmann::json& own = data_["models"][name]["keys"];
    return own.contains(key) ? own[key] : data_["keys"][key];
  }

  void add_keys(GgufBuilder& writer, const std::string& name) const {
    nlohmann::json keys = data_["keys"];
    keys.update(data_["models"][name]["keys"]);
    writer.key("general.architecture", architecture(name));
    for (const auto& entry : keys.items()) {
      if (entry.value().is_null()) continue;
      std::string full = entry.key();
      if (full.starts_with("@.")) full = architecture(name) + full.substr(1);
      add_key(writer, full, entry.value());
    }
    if (data_["models"][name].contains("tokenizer")) {
      write_tokenizer(writer, data_["models"][name]["tokenizer"]);
      return;
    }
    std::vector<std::string> tokens;
    for (int i = 0; i < key(name, "@.vocab_size")[1]; ++i) tokens.push_back("tok_" + std::to_string(i));
    writer.key("tokenizer.ggml.model", "test").array("tokenizer.ggml.tokens", tokens);
    writer.array("tokenizer.ggml.scores", std::vector<float>(tokens.size()));
  }

  static void add_key(GgufBuilder& writer, const std::string& name, const nlohmann::json& key) {
    const std::string type = key[0];
    if (type == "u32") add_value<uint32_t>(writer, name, key);
    if (type == "u64") add_value<uint64_t>(writer, name, key);
    if (type == "i32") add_value<int32_t>(writer, name, key);
    if (type == "f32") add_value<float>(writer, name, key);
    if (type == "text") add_value<std::string>(writer, name, key);
    if (type == "bool") writer.key(name, key[1].get<bool>());
  }

  template <class T>
  static void add_value(GgufBuilder& writer, const std::string& name, const nlohmann::json& key) {
    if (key[1].is_array())
      writer.array(name, key[1].get<std::vector<T>>());
    else if (key.size() == 3)
      writer.array(name, std::vector<T>(key[2].get<size_t>(), key[1].get<T>()));
    else
      writer.key(name, key[1].get<T>());
  }

  static void add_tensor(GgufBuilder& writer, const std::string& name, const std::vector<uint64_t>& shape,
                         const nlohmann::json& model) {
    const uint64_t n = std::accumulate(shape.begin(), shape.end(), uint64_t{1}, std::multiplies<>());
    Spread spread = Spread::of(name, shape.size(), shape.back());
    if (model.contains("spreads"))  // [mean, deviation] by parts of names
      for (const auto& own : model["spreads"].items())
        if (name.find(own.key()) != name.npos) spread = {own.value()[0].get<float>(), own.value()[1].get<float>()};
    uint64_t state = model.value("seed", 0u);
    for (const char c : name) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;  // FNV-1a
    std::vector<float> values(n);
    for (float& value : values) value = next(state, spread);
    const std::vector<uint64_t> dims(shape.rbegin(), shape.rend());
    if (model.value("f32", false) || keeps_f32(name, shape.size())) {
      writer.tensor(name, dims, values);
      return;
    }
    std::string halves(n * sizeof(uint16_t), '\0');
    for (uint64_t i = 0; i < n; ++i) {
      const uint16_t half = f32_to_f16(values[i]);
      std::memcpy(halves.data() + i * sizeof half, &half, sizeof half);
    }
    writer.tensor(name, dims, DType::f16, halves);
  }

  // The next number of a stream (SplitMix64).
  static float next(uint64_t& state, const Spread& spread) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    const float even = static_cast<float>(z >> 40) / (1 << 23) - 1;  // in [−1, 1)
    return spread.mean + spread.deviation * 1.7320508f * (spread.one_sided ? std::abs(even) : even);
  }

  // What files keep in f32 beside f16 matrices.
  static bool keeps_f32(std::string_view name, size_t rank) {
    if (rank == 1) return true;
    for (const std::string_view part : {"norm", "ssm_a", "conv", "gate_inp", "ssm_d", "bias", "time_mix", "position",
                                        "rope", "sinks", "attn_rel", "hc_"})
      if (name.find(part) != name.npos) return true;
    return false;
  }

  const std::string folder_;
  nlohmann::json data_;
};

inline const Families& families() {
  static const Families families;
  return families;
}

}  // namespace loam::test
