#include "model/model_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace loam {
namespace {

// Far above every model there is, and small enough that products of two stay within 64 bits and heads within `int`.
constexpr int64_t kMaxLayers = 512, kMaxHeads = 4096, kMaxHeadDim = 8192, kMaxExperts = 4096;
constexpr int64_t kMaxDim = 1 << 24, kMaxVocab = 1 << 26, kMaxTokens = int64_t{1} << 30;

// Reads `<arch>.*` keys.
class Hparams {
 public:
  Hparams(const Metadata& metadata, std::string arch) : metadata_(metadata), arch_(std::move(arch)) {}

  std::string key(std::string_view name) const { return arch_ + "." + std::string(name); }

  [[noreturn]] void fail(Error::Code code, std::string_view name, const std::string& message) const {
    const MetaValue* value = metadata_.find(key(name));
    throw Error(code, fmt::format("{}: {}", key(name), message), fmt::format("hparam@{}", value ? value->offset : 0));
  }

  // A count that must be there; an array with one value for each layer is fine where all are equal.
  int64_t count(std::string_view name, int64_t max) const {
    const int64_t n = optional_count(name, max);
    if (n < 1) fail(Error::Code::model_invalid, name, fmt::format("is missing or 0; expected 1 to {}", max));
    return n;
  }

  int64_t count_or(std::string_view name, int64_t fallback, int64_t max) const {
    const int64_t n = optional_count(name, max);
    return n > 0 ? n : fallback;
  }

  double number_or(std::string_view name, double fallback) const {
    const double x = metadata_.number(key(name)).value_or(0);
    if (!std::isfinite(x)) fail(Error::Code::model_invalid, name, fmt::format("is {}, not a finite number", x));
    return x != 0 ? x : fallback;
  }

  // Present means meant: 0 is no base.
  double rope_base(std::string_view name, double fallback) const {
    const double x = metadata_.number(key(name)).value_or(fallback);
    if (!std::isfinite(x) || x < 0 || (x == 0 && fallback != 0))
      fail(Error::Code::model_invalid, name, fmt::format("is {}; expected a positive number", x));
    return x;
  }

  bool is_array(std::string_view name) const {
    const MetaValue* value = metadata_.find(key(name));
    return value && value->type == MetaType::array;
  }

  const Metadata& metadata() const { return metadata_; }

 private:
  // 0 where absent.
  int64_t optional_count(std::string_view name, int64_t max) const {
    if (!is_array(name)) return metadata_.integer(key(name), 0, max).value_or(0);
    const std::vector<int64_t>& values = *metadata_.integers(key(name));
    if (values.empty() || values[0] < 0 || values[0] > max)
      fail(Error::Code::model_invalid, name, fmt::format("expected values from 0 to {}", max));
    if (std::ranges::any_of(values, [&](int64_t v) { return v != values[0]; }))
      fail(Error::Code::unsupported, name, "differs between layers, which loam has no code for yet");
    return values[0];
  }

  const Metadata& metadata_;
  std::string arch_;
};

int64_t vocabulary_size(const Hparams& h) {
  if (const auto* tokens = h.metadata().strings("tokenizer.ggml.tokens"); tokens && !tokens->empty())
    return static_cast<int64_t>(tokens->size());
  return h.count("vocab_size", kMaxVocab);
}

void read_heads(const Hparams& h, ModelConfig& c) {
  c.n_heads = static_cast<int>(h.count("attention.head_count", kMaxHeads));
  c.n_kv_heads = static_cast<int>(h.count_or("attention.head_count_kv", c.n_heads, kMaxHeads));
  if (c.n_heads % c.n_kv_heads != 0)
    h.fail(Error::Code::model_invalid, "attention.head_count_kv",
           fmt::format("{} query heads cannot be shared by {} key heads", c.n_heads, c.n_kv_heads));
  c.head_dim = static_cast<int>(h.count_or("attention.key_length", c.dim / c.n_heads, kMaxHeadDim));
  if (c.head_dim < 1 || c.head_dim > kMaxHeadDim)
    h.fail(Error::Code::model_invalid, "attention.head_count",
           fmt::format("{} heads do not fit an embedding of {}", c.n_heads, c.dim));
  c.value_dim = static_cast<int>(h.count_or("attention.value_length", c.head_dim, kMaxHeadDim));
}

void read_experts(const Hparams& h, ModelConfig& c) {
  c.n_experts = static_cast<int>(h.count_or("expert_count", 0, kMaxExperts));
  c.n_experts_used = static_cast<int>(h.count_or("expert_used_count", 0, INT32_MAX));
  if (c.n_experts_used > c.n_experts || (c.n_experts > 0 && c.n_experts_used == 0))
    h.fail(Error::Code::model_invalid, "expert_used_count",
           fmt::format("is {}; expected 1 to expert_count, {}", c.n_experts_used, c.n_experts));
  c.expert_ffn_dim = h.count_or("expert_feed_forward_length", 0, kMaxDim);
  c.expert_weights_norm = h.metadata().boolean(h.key("expert_weights_norm")).value_or(false);
  c.expert_weights_scale = static_cast<float>(h.number_or("expert_weights_scale", 1));
}

// Per layer, whether it attends to a window only; or one number n: every n-th layer attends to everything.
std::vector<bool> read_sliding_layers(const Hparams& h, int n_layers) {
  constexpr std::string_view kName = "attention.sliding_window_pattern";
  std::vector<bool> sliding;
  if (h.is_array(kName)) {
    const std::vector<int64_t>& flags = *h.metadata().integers(h.key(kName));
    if (static_cast<int>(flags.size()) < n_layers)
      h.fail(Error::Code::model_invalid, kName, fmt::format("has {} values for {} layers", flags.size(), n_layers));
    for (int i = 0; i < n_layers; ++i) sliding.push_back(flags[i] != 0);
  } else if (const int64_t period = h.count_or(kName, 0, kMaxLayers); period > 0) {
    for (int i = 0; i < n_layers; ++i) sliding.push_back((i + 1) % period != 0);
  }
  return sliding;
}

RopeScaling read_scaling_type(const Hparams& h) {
  constexpr std::string_view kName = "rope.scaling.type";
  const std::string_view type = h.metadata().string(h.key(kName)).value_or("linear");
  if (type == "none") return RopeScaling::none;
  if (type == "linear" || type.empty()) return RopeScaling::linear;
  if (type == "yarn") return RopeScaling::yarn;
  h.fail(Error::Code::unsupported, kName, fmt::format("is \"{}\"; loam knows none, linear and yarn", type));
}

RopeConfig read_rope(const Hparams& h, const ModelConfig& c) {
  RopeConfig r;
  r.n_rotated = static_cast<int>(h.count_or("rope.dimension_count", c.head_dim, kMaxHeadDim));
  if (r.n_rotated > c.head_dim || r.n_rotated % 2 != 0)
    h.fail(Error::Code::model_invalid, "rope.dimension_count",
           fmt::format("is {}; expected an even number up to the head size, {}", r.n_rotated, c.head_dim));
  r.base = h.rope_base("rope.freq_base", 10000);
  r.factor = h.number_or("rope.scaling.factor", h.number_or("rope.scale_linear", 1));
  if (r.factor < 0) h.fail(Error::Code::model_invalid, "rope.scaling.factor", fmt::format("is {}", r.factor));
  r.scaling = r.factor == 1 ? RopeScaling::none : read_scaling_type(h);
  r.original_context = h.count_or("rope.scaling.original_context_length", c.context_length, kMaxTokens);
  r.attention_factor = h.number_or("rope.scaling.attn_factor", 1);
  r.magnitude = h.number_or("rope.scaling.yarn_attn_factor", 1);
  r.beta_fast = h.number_or("rope.scaling.yarn_beta_fast", 32);
  r.beta_slow = h.number_or("rope.scaling.yarn_beta_slow", 1);
  r.log_multiplier = h.number_or("rope.scaling.yarn_log_multiplier", 0);
  // Here 0 is a setting of its own (no blend), and a negative number stands for "not set".
  const double ext = h.metadata().number(h.key("rope.scaling.yarn_ext_factor")).value_or(-1);
  r.ext_factor = std::isfinite(ext) && ext >= 0 ? ext : 1;
  return r;
}

}  // namespace

float ModelConfig::query_scale() const {
  return attention_scale != 0 ? attention_scale : 1 / std::sqrt(static_cast<float>(head_dim));
}

ModelConfig ModelConfig::read(const Metadata& metadata) {
  ModelConfig c;
  c.arch = metadata.require_string("general.architecture");
  const Hparams h(metadata, c.arch);
  c.n_layers = static_cast<int>(h.count("block_count", kMaxLayers));
  c.n_vocab = vocabulary_size(h);
  c.dim = h.count("embedding_length", kMaxDim);
  c.ffn_dim = h.count_or("feed_forward_length", 0, kMaxDim);
  c.context_length = h.count("context_length", kMaxTokens);
  c.norm_epsilon = static_cast<float>(
      h.number_or("attention.layer_norm_rms_epsilon", h.number_or("attention.layer_norm_epsilon", 1e-5)));
  if (c.norm_epsilon < 0)
    h.fail(Error::Code::model_invalid, "attention.layer_norm_rms_epsilon", fmt::format("is {}", c.norm_epsilon));
  read_heads(h, c);
  read_experts(h, c);
  c.sliding_window = static_cast<int>(h.count_or("attention.sliding_window", 0, kMaxTokens));
  c.is_sliding = read_sliding_layers(h, c.n_layers);
  c.rope = read_rope(h, c);
  c.sliding_rope_base = h.rope_base("rope.freq_base_swa", 0);
  c.attention_scale = static_cast<float>(h.number_or("attention.scale", 0));
  c.final_softcap = static_cast<float>(h.number_or("final_logit_softcapping", 0));
  c.attention_softcap = static_cast<float>(h.number_or("attn_logit_softcapping", 0));
  return c;
}

}  // namespace loam
