// Weights of few bits for tests, packed as GPTQ and AWQ do it, and whole tiny models of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "tests/model/hf_support.h"

namespace loam::test {

// Integers of `bits` for inputs × outputs, zeros and scales for groups × outputs; all functions of the name.
struct GroupedIntegers {
  int64_t n_in, n_out, n_groups;
  int bits;
  std::vector<int> weights, zeros;
  std::vector<float> scales;
  std::vector<int32_t> groups;  // of each input

  GroupedIntegers(const std::string& name, int64_t in, int64_t out, int64_t group_size, int b, bool symmetric)
      : n_in(in), n_out(out), n_groups(in / group_size), bits(b) {
    const int most = (1 << bits) - 1;
    for (const int value : named_bytes(name + "weights", static_cast<size_t>(n_in * n_out)))
      weights.push_back(value & most);
    for (const int value : named_bytes(name + "zeros", static_cast<size_t>(n_groups * n_out)))
      zeros.push_back(symmetric ? (most + 1) / 2 : 1 + value % most);
    for (const int value : named_bytes(name + "scales", static_cast<size_t>(n_groups * n_out)))
      scales.push_back(static_cast<float>(4 + value % 8) / static_cast<float>(16 << bits));
    for (int64_t i = 0; i < n_in; ++i) groups.push_back(static_cast<int32_t>(i / group_size));
  }

  // Act-order: inputs of all groups stand among one another.
  void mix_groups(const std::string& name) {
    const std::vector<int> keys = named_bytes(name + "order", groups.size());
    std::vector<size_t> order(groups.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, {}, [&](size_t i) { return keys[i]; });
    const std::vector<int32_t> sorted = groups;
    for (size_t i = 0; i < order.size(); ++i) groups[order[i]] = sorted[i];
  }

  float value(int64_t out, int64_t in) const {
    const auto at = static_cast<size_t>(groups[static_cast<size_t>(in)] * n_out + out);
    return scales[at] * static_cast<float>(weights[static_cast<size_t>(in * n_out + out)] - zeros[at]);
  }
  // (out, in)
  std::vector<float> values() const {
    std::vector<float> all;
    for (int64_t out = 0; out < n_out; ++out)
      for (int64_t in = 0; in < n_in; ++in) all.push_back(value(out, in));
    return all;
  }

  // "qweight", "qzeros", "scales" and "g_idx" below the module's name.
  void write_gptq(SafetensorsWriter& writer, const std::string& module) const {
    std::vector<int> turned;  // integers of one output's neighbouring inputs share a word
    for (int64_t word = 0; word < n_in / per_word(); ++word)
      for (int64_t out = 0; out < n_out; ++out)
        for (int i = 0; i < per_word(); ++i)
          turned.push_back(weights[static_cast<size_t>((word * per_word() + i) * n_out + out)]);
    std::vector<int> in_order(static_cast<size_t>(per_word()));
    std::iota(in_order.begin(), in_order.end(), 0);
    writer.add(module + ".qweight", "I32", {n_in / per_word(), n_out}, raw_bytes(packed(turned, in_order)));
    writer.add(module + ".qzeros", "I32", {n_groups, n_out / per_word()},
               raw_bytes(packed(zeros, in_order, /*less=*/1)));
    writer.add(module + ".scales", DType::f16, {n_groups, n_out}, scales);
    writer.add(module + ".g_idx", "I32", {n_in}, raw_bytes(groups));
  }
  void write_awq(SafetensorsWriter& writer, const std::string& module) const {
    const std::vector<int> order = {0, 4, 1, 5, 2, 6, 3, 7};  // where each of 8 neighbours stands
    writer.add(module + ".qweight", "I32", {n_in, n_out / 8}, raw_bytes(packed(weights, order)));
    writer.add(module + ".qzeros", "I32", {n_groups, n_out / 8}, raw_bytes(packed(zeros, order)));
    writer.add(module + ".scales", DType::f16, {n_groups, n_out}, scales);
  }

 private:
  int per_word() const { return 32 / bits; }

  // Words of neighbours, each where `place` says.
  std::vector<int32_t> packed(const std::vector<int>& x, const std::vector<int>& place, int less = 0) const {
    std::vector<int32_t> words(x.size() / static_cast<size_t>(per_word()));
    for (size_t i = 0; i < x.size(); ++i) {
      const auto within = i % static_cast<size_t>(per_word());
      const auto shift = static_cast<uint32_t>(place[within] * bits);
      words[i / static_cast<size_t>(per_word())] |= static_cast<int32_t>(static_cast<uint32_t>(x[i] - less) << shift);
    }
    return words;
  }
};

// How a tiny model's projections are stored.
struct GptqForm {
  int bits = 4;
  bool symmetric = true, act_order = true;
};

// `folder`: the model with its projections in groups of 32; `plain`: the same numbers as F32.
inline void write_tiny_gptq(const HfFolder& folder, const HfFolder& plain, const std::string& name,
                            const nlohmann::json& model, const GptqForm& form) {
  nlohmann::json config = model["config"];
  plain.write("config.json", config);
  config["quantization_config"] = {
      {"quant_method", "gptq"}, {"bits", form.bits}, {"group_size", 32}, {"desc_act", form.act_order}};
  folder.write("config.json", config);
  constexpr std::string_view kWeight = ".weight";
  SafetensorsWriter writer, plain_writer;
  for (const auto& [tensor, json] : model["tensors"].items()) {
    const auto shape = json.get<std::vector<int64_t>>();
    const std::string module = tensor.substr(0, tensor.size() - kWeight.size());
    const bool projects = module.ends_with("_proj") || module.ends_with("lm_head") || module.ends_with("w1") ||
                          module.ends_with("w2") || module.ends_with("w3");
    if (!tensor.ends_with(kWeight) || !projects) {
      for (SafetensorsWriter* file : {&writer, &plain_writer})
        file->add(tensor, DType::f32, shape, named_values(tensor, shape, is_tiny_norm(tensor, name)));
      continue;
    }
    GroupedIntegers integers(module, shape[1], shape[0], 32, form.bits, form.symmetric);
    if (form.act_order) integers.mix_groups(module);
    integers.write_gptq(writer, module);
    plain_writer.add(tensor, DType::f32, shape, integers.values());
  }
  writer.save(folder.path() + "/model.safetensors");
  plain_writer.save(plain.path() + "/model.safetensors");
}

}  // namespace loam::test
