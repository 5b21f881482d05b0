#include "model/hf/decoder_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "model/hf/tensor_names.h"
#include "model/hf/weight_source.h"

namespace loam {
namespace {

constexpr int kMostExperts = 4096;

std::string full_name(const HfName& name) {
  std::string module = name.module;
  if (const size_t star = module.find('*'); star != std::string::npos)
    module.replace(star, 1, std::to_string(name.expert));
  return name.layer < 0 ? module : fmt::format("layers.{}.{}", name.layer, module);
}

class DecoderTensors {
 public:
  explicit DecoderTensors(const HfConfig& config) : config_(config) {}

  void add_file(const SafetensorsFile& file) {
    for (const auto& [name, info] : file.tensors()) {
      const auto parsed = parse_hf_name(name);
      if (!parsed || is_left_out(*parsed)) continue;
      check_shape(file, name, info.shape);
      Module& module = modules_[{parsed->layer, parsed->module, parsed->expert}];
      module.name = *parsed;
      if (!module.parameters.emplace(parsed->parameter, StoredTensor{&file, &info}).second)
        throw Error(Error::Code::model_invalid, fmt::format("{} stands in the folder twice", escape_control(name)),
                    "name@0");
    }
  }

  std::vector<NamedSource> finish() {
    for (const auto& [_, module] : modules_) add_module(module);
    for (auto& [name, experts] : stacks_) add(name, stack(name, std::move(experts)));
    add_divisors("rope_freqs", config_.rope_divisors.all);
    add_divisors("rope_factors_short", config_.rope_divisors.short_);
    add_divisors("rope_factors_long", config_.rope_divisors.long_);
    return std::move(tensors_);
  }

 private:
  struct Module {
    HfName name;
    HfParameters parameters;
  };

  // The head where it is the embedding, and layers that only predict further tokens.
  bool is_left_out(const HfName& name) const {
    return (config_.tied && name.module == "lm_head") || name.layer >= hyperparameter("block_count");
  }

  int64_t hyperparameter(const char* name) const {
    const auto arch = config_.metadata.require_string("general.architecture");
    return config_.metadata.require_integer(fmt::format("{}.{}", arch, name));
  }

  static void check_shape(const SafetensorsFile& file, const std::string& name, const Shape& shape) {
    bool good = shape.rank() >= 1 || name.ends_with("_scale");
    for (int i = 0; i < shape.rank(); ++i) good = good && shape[i] > 0;
    if (!good)
      throw Error(Error::Code::model_invalid,
                  fmt::format("{}: tensor {} has no numbers, or too many dimensions", escape_control(file.path()),
                              escape_control(name)),
                  "shape@8");
  }

  [[noreturn]] static void misfit(const HfName& name, const Shape& shape, const std::string& what) {
    throw Error(Error::Code::model_invalid,
                fmt::format("{} has shape {}; {}", escape_control(full_name(name)), shape.text(), what), "shape@8");
  }

  void add_module(const Module& module) {
    const auto gguf = gguf_name_of(module.name, config_.model_type);
    if (!gguf)
      throw Error(Error::Code::unsupported,
                  fmt::format("{} is no part of a {} model that loam has code for",
                              escape_control(full_name(module.name)), config_.model_type),
                  "name@0");
    const std::string scope = module.name.layer < 0 ? "" : fmt::format("blk.{}.", module.name.layer);
    HfParameters weight = module.parameters;
    for (const char* vector : {"bias", "e_score_correction_bias"})
      if (auto found = weight.extract(vector)) add_bias(scope, *gguf, module.name, vector, found.mapped());
    if (weight.empty()) return;
    HfWeight source =
        weight_source(weight, config_.quantization, full_name(module.name), is_one_product(module.name, *gguf));
    const std::string wanted = scope + std::string(gguf->name);
    if (module.name.expert >= 0) return add_expert(wanted + ".weight", module.name, source.matrix);
    add_weight(scope, *gguf, module.name, source.matrix);
    if (!source.input_order.empty())
      tensors_.push_back({wanted + ".input_order", given_values(std::move(source.input_order))});
  }

  // Whether a matrix is used in a product by itself, which can gather its input in any order.
  static bool is_one_product(const HfName& name, const GgufName& gguf) {
    const bool as_it_stands = gguf.change == Change::none || gguf.change == Change::rope_rows;
    return as_it_stands && name.expert < 0 && gguf.name != "token_embd";
  }

  void add(std::string name, SourcePtr source) {
    if (source->shape().rank() == 1) source = widened(source, source->shape());  // as GGUF has all vectors
    tensors_.push_back({std::move(name), std::move(source)});
  }

  void add_bias(const std::string& scope, const GgufName& gguf, const HfName& name, std::string_view parameter,
                const StoredTensor& stored) {
    const Shape& shape = stored.info->shape;
    if (shape.rank() != 1) misfit(name, shape, "a bias is a vector");
    if (parameter != "bias") return add(scope + "exp_probs_b.bias", stored_source(stored, full_name(name)));
    const std::string wanted = scope + std::string(gguf.name) + ".bias";
    if (gguf.change != Change::rope_rows) return add(wanted, stored_source(stored, full_name(name)));
    add(wanted, widened(rope_rows(name, stored_source(stored, full_name(name), {shape[0], 1})), shape));
  }

  void add_weight(const std::string& scope, const GgufName& gguf, const HfName& name, const SourcePtr& source) {
    const std::string wanted = scope + std::string(gguf.name) + ".weight";
    const Shape& shape = source->shape();
    switch (gguf.change) {
      case Change::none: return add(wanted, source);
      case Change::rope_rows: return add(wanted, rope_rows(name, source));
      case Change::plus_one: return add(wanted, widened(source, shape, 1));
      case Change::as_f32: return add(wanted, widened(source, shape));
      case Change::as_vector:
        if (shape.rank() != 2 || shape[0] != 1) misfit(name, shape, "expected one row");
        return add(wanted, widened(source, {shape[1]}));
      case Change::key_and_value: return add_key_and_value(scope, name, source);
    }
  }

  // Row 2i + j of a head is row i of the head's half j: rotation turns neighbours in GGUF's form of these models, and
  // halves in Hugging Face's.
  SourcePtr rope_rows(const HfName& name, const SourcePtr& source) const {
    const bool query = name.module.ends_with("q_proj");
    const int64_t heads = hyperparameter(query ? "attention.head_count" : "attention.head_count_kv");
    const Shape& shape = source->shape();
    if (shape.rank() != 2 || shape[0] % (2 * heads) != 0)
      misfit(name, shape, fmt::format("{} heads of an even size are expected", heads));
    const int64_t dim = shape[0] / heads;
    return reordered(source, shape, [dim](int64_t row) {
      const int64_t within = row % dim;
      return row - within + within % 2 * (dim / 2) + within / 2;
    });
  }

  void add_key_and_value(const std::string& scope, const HfName& name, SourcePtr source) {
    const int64_t heads = hyperparameter("attention.head_count"), value = hyperparameter("attention.value_length_mla"),
                  key = hyperparameter("attention.key_length_mla") - hyperparameter("rope.dimension_count");
    const int64_t both = key + value, rank = hyperparameter("attention.kv_lora_rank");
    if (source->shape() != Shape{heads * both, rank})
      misfit(name, source->shape(), fmt::format("expected {}", Shape{heads * both, rank}.text()));
    if (info(source->type()).block_size > 1) source = widened(source, source->shape());  // blocks cannot be turned
    add(scope + "attn_k_b.weight", turned_blocks(source, both, key));
    add(scope + "attn_v_b.weight",
        reordered(source, {heads, value, rank}, [=](int64_t row) { return row / value * both + key + row % value; }));
  }

  void add_expert(const std::string& gguf, const HfName& name, SourcePtr source) {
    if (name.expert >= kMostExperts)
      misfit(name, source->shape(), fmt::format("loam has code for {} experts", kMostExperts));
    if (source->shape().rank() != 2) misfit(name, source->shape(), "an expert has matrices");
    std::vector<SourcePtr>& experts = stacks_[gguf];
    const auto index = static_cast<size_t>(name.expert);
    if (experts.size() <= index) experts.resize(index + 1);
    experts[index] = std::move(source);
  }

  static SourcePtr stack(const std::string& name, std::vector<SourcePtr> experts) {
    for (size_t i = 0; i < experts.size(); ++i) {
      if (!experts[i])
        throw Error(Error::Code::model_invalid, fmt::format("{}: expert {} of {} is missing", name, i, experts.size()),
                    "name@0");
      if (experts[i]->shape() != experts[0]->shape())
        throw Error(Error::Code::model_invalid,
                    fmt::format("{}: expert {} has shape {}, the first {}", name, i, experts[i]->shape().text(),
                                experts[0]->shape().text()),
                    "shape@8");
    }
    const auto differs = [&](const SourcePtr& e) { return e->type() != experts[0]->type(); };
    if (std::ranges::any_of(experts, differs))  // whole numbers hold all others
      for (SourcePtr& expert : experts) expert = widened(expert, expert->shape());
    return stacked(std::move(experts));
  }

  void add_divisors(const char* name, const std::vector<float>& values) {
    if (!values.empty()) add(fmt::format("{}.weight", name), given_values(values));
  }

  const HfConfig& config_;
  std::map<std::tuple<int, std::string, int>, Module> modules_;
  std::map<std::string, std::vector<SourcePtr>> stacks_;
  std::vector<NamedSource> tensors_;
};

}  // namespace

std::vector<NamedSource> decoder_tensors(const HfConfig& config, const std::deque<SafetensorsFile>& files) {
  DecoderTensors tensors(config);
  for (const SafetensorsFile& file : files) tensors.add_file(file);
  return tensors.finish();
}

}  // namespace loam
