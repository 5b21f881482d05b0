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

  // A count that must be there; of an array with one value for each layer the largest.
  int64_t count(std::string_view name, int64_t max) const {
    const int64_t n = count_or(name, 0, max);
    if (n < 1) fail(Error::Code::model_invalid, name, fmt::format("is missing or 0; expected 1 to {}", max));
    return n;
  }

  int64_t count_or(std::string_view name, int64_t fallback, int64_t max) const {
    if (!is_array(name)) {
      const int64_t n = metadata_.integer(key(name), 0, max).value_or(0);
      return n > 0 ? n : fallback;
    }
    const int64_t n = std::ranges::max(checked(name, 1, max));
    return n > 0 ? n : fallback;
  }

  // One value for each layer, 0 where absent: the file's array, or its one number everywhere.
  std::vector<int64_t> counts(std::string_view name, int n_layers, int64_t max) const {
    if (!is_array(name)) return std::vector(static_cast<size_t>(n_layers), count_or(name, 0, max));
    return checked(name, n_layers, max);
  }

  bool flag(std::string_view name) const { return metadata_.boolean(key(name)).value_or(false); }

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
  std::vector<int64_t> checked(std::string_view name, int n_layers, int64_t max) const {
    const std::vector<int64_t>& values = *metadata_.integers(key(name));
    if (static_cast<int>(values.size()) < n_layers)
      fail(Error::Code::model_invalid, name, fmt::format("has {} values for {} layers", values.size(), n_layers));
    if (std::ranges::any_of(values, [&](int64_t v) { return v < 0 || v > max; }))
      fail(Error::Code::model_invalid, name, fmt::format("expected values from 0 to {}", max));
    return values;
  }

  const Metadata& metadata_;
  std::string arch_;
};

int64_t vocabulary_size(const Hparams& h) {
  if (const auto* tokens = h.metadata().strings("tokenizer.ggml.tokens"); tokens && !tokens->empty())
    return static_cast<int64_t>(tokens->size());
  return h.count("vocab_size", kMaxVocab);
}

// Heads of a layer that has any are shared evenly.
void check_heads(const Hparams& h, int n_heads, int n_kv_heads) {
  if (n_heads > 0 && n_kv_heads > 0 && n_heads % n_kv_heads != 0)
    h.fail(Error::Code::model_invalid, "attention.head_count_kv",
           fmt::format("{} query heads cannot be shared by {} key heads", n_heads, n_kv_heads));
}

// Only models that mix tokens by a state alone have no heads.
void read_heads(const Hparams& h, ModelConfig& c) {
  const bool has_state = h.count_or("ssm.state_size", 0, kMaxDim) > 0 || h.count_or("wkv.head_size", 0, kMaxDim) > 0;
  c.n_heads = static_cast<int>(has_state ? h.count_or("attention.head_count", 0, kMaxHeads)
                                         : h.count("attention.head_count", kMaxHeads));
  c.n_kv_heads = static_cast<int>(h.count_or("attention.head_count_kv", c.n_heads, kMaxHeads));
  if (!h.is_array("attention.head_count_kv")) check_heads(h, c.n_heads, c.n_kv_heads);
  c.head_dim = static_cast<int>(h.count_or("attention.key_length", c.n_heads > 0 ? c.dim / c.n_heads : 0, kMaxHeadDim));
  if (c.n_heads > 0 && (c.head_dim < 1 || c.head_dim > kMaxHeadDim))
    h.fail(Error::Code::model_invalid, "attention.head_count",
           fmt::format("{} heads do not fit an embedding of {}", c.n_heads, c.dim));
  c.value_dim = static_cast<int>(h.count_or("attention.value_length", c.head_dim, kMaxHeadDim));
  c.mla = {.q_rank = static_cast<int>(h.count_or("attention.q_lora_rank", 0, kMaxDim)),
           .kv_rank = static_cast<int>(h.count_or("attention.kv_lora_rank", 0, kMaxHeadDim)),
           .key_length = static_cast<int>(h.count_or("attention.key_length_mla", 0, kMaxHeadDim)),
           .value_length = static_cast<int>(h.count_or("attention.value_length_mla", 0, kMaxHeadDim))};
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
void read_sliding_layers(const Hparams& h, ModelConfig& c) {
  constexpr std::string_view kName = "attention.sliding_window_pattern";
  c.has_sliding_pattern = h.metadata().has(h.key(kName));
  const std::vector<int64_t> flags = h.counts(kName, c.n_layers, kMaxLayers);
  for (int i = 0; i < c.n_layers; ++i) {
    const int64_t flag = flags[static_cast<size_t>(i)];
    c.layer(i).sliding = h.is_array(kName) ? flag != 0 : flag > 0 && (i + 1) % flag != 0;
  }
}

void read_layers(const Hparams& h, ModelConfig& c) {
  c.fill_layers();
  const auto heads = h.counts("attention.head_count", c.n_layers, kMaxHeads);
  const auto kv_heads = h.counts("attention.head_count_kv", c.n_layers, kMaxHeads);
  const auto ffn = h.counts("feed_forward_length", c.n_layers, kMaxDim);
  const bool kv_given = h.is_array("attention.head_count_kv");
  read_sliding_layers(h, c);
  for (int i = 0; i < c.n_layers; ++i) {
    const auto at = static_cast<size_t>(i);
    LayerConfig& l = c.layer(i);
    l.n_heads = static_cast<int>(heads[at]);
    if (kv_given || kv_heads[at] > 0)
      l.n_kv_heads = static_cast<int>(kv_heads[at]);
    else
      l.n_kv_heads = l.n_heads;
    l.ffn_dim = ffn[at];
    check_heads(h, l.n_heads, l.n_kv_heads);
    if (!l.sliding) continue;
    l.head_dim = static_cast<int>(h.count_or("attention.key_length_swa", l.head_dim, kMaxHeadDim));
    l.value_dim = static_cast<int>(h.count_or("attention.value_length_swa", l.value_dim, kMaxHeadDim));
  }
}

RopeScaling read_scaling_type(const Hparams& h) {
  constexpr std::string_view kName = "rope.scaling.type";
  const std::string_view type = h.metadata().string(h.key(kName)).value_or("linear");
  if (type == "none") return RopeScaling::none;
  if (type == "linear" || type.empty()) return RopeScaling::linear;
  if (type == "yarn") return RopeScaling::yarn;
  if (type == "longrope") return RopeScaling::longrope;
  h.fail(Error::Code::unsupported, kName, fmt::format("is \"{}\"; loam knows none, linear, yarn and longrope", type));
}

RopeConfig read_rope(const Hparams& h, const ModelConfig& c) {
  RopeConfig r;
  r.n_rotated = static_cast<int>(h.count_or("rope.dimension_count", c.head_dim, kMaxHeadDim));
  if (c.n_heads == 0) r.n_rotated = 0;
  if (r.n_rotated > c.head_dim || r.n_rotated % 2 != 0)
    h.fail(Error::Code::model_invalid, "rope.dimension_count",
           fmt::format("is {}; expected an even number up to the head size, {}", r.n_rotated, c.head_dim));
  r.base = h.rope_base("rope.freq_base", 10000);
  r.factor = h.number_or("rope.scaling.factor", h.number_or("rope.scale_linear", 1));
  if (r.factor < 0) h.fail(Error::Code::model_invalid, "rope.scaling.factor", fmt::format("is {}", r.factor));
  r.scaling = read_scaling_type(h);
  if (r.factor == 1 && r.scaling != RopeScaling::longrope) r.scaling = RopeScaling::none;
  r.original_context = h.count_or("rope.scaling.original_context_length", c.context_length, kMaxTokens);
  r.attention_factor = h.number_or("rope.scaling.attn_factor", 1);
  r.magnitude = h.number_or("rope.scaling.yarn_attn_factor", 1);
  r.beta_fast = h.number_or("rope.scaling.yarn_beta_fast", 32);
  r.beta_slow = h.number_or("rope.scaling.yarn_beta_slow", 1);
  r.log_multiplier = h.number_or("rope.scaling.yarn_log_multiplier", 0);
  // Here 0 is a setting of its own (no blend), and a negative number stands for "not set".
  const double ext = h.metadata().number(h.key("rope.scaling.yarn_ext_factor")).value_or(-1);
  r.ext_factor = std::isfinite(ext) && ext >= 0 ? ext : 1;
  if (h.is_array("rope.dimension_sections")) {
    const auto sections = h.counts("rope.dimension_sections", 0, kMaxHeadDim);
    for (size_t i = 0; i < std::min(sections.size(), r.sections.size()); ++i)
      r.sections[i] = static_cast<int>(sections[i]);
  }
  return r;
}

void read_experts_of_layers(const Hparams& h, ModelConfig& c) {
  ExpertConfig& e = c.experts;
  e.n_shared = static_cast<int>(h.count_or("expert_shared_count", 0, kMaxExperts));
  e.shared_ffn_dim = h.count_or("expert_shared_feed_forward_length", 0, kMaxDim);
  e.n_leading_dense = static_cast<int>(h.count_or("leading_dense_block_count", 0, kMaxLayers));
  e.every_n_layers = static_cast<int>(
      h.count_or("interleave_moe_layer_step", h.count_or("moe_every_n_layers", 0, kMaxLayers), kMaxLayers));
  e.n_groups = static_cast<int>(h.count_or("expert_group_count", 0, kMaxExperts));
  e.n_groups_used = static_cast<int>(h.count_or("expert_group_used_count", 0, kMaxExperts));
  const int64_t gating = h.count_or("expert_gating_func", 0, INT32_MAX);
  if (gating > static_cast<int>(ExpertGating::sqrt_softplus))
    h.fail(Error::Code::unsupported, "expert_gating_func", fmt::format("is {}; loam knows 1 to 4", gating));
  e.gating = static_cast<ExpertGating>(gating);
  const bool divides = e.n_groups > 0 && c.n_experts % e.n_groups == 0;
  if (e.n_groups > 1 && (!divides || e.n_groups_used < 1 || e.n_groups_used > e.n_groups))
    h.fail(Error::Code::model_invalid, "expert_group_count",
           fmt::format("{} of {} groups of {} experts make no sense", e.n_groups_used, e.n_groups, c.n_experts));
}

// Sliding layers rotate as the others do, but by what the file gives for them.
RopeConfig sliding_rope_of(const Hparams& h, const ModelConfig& c) {
  RopeConfig r = c.rope;
  r.n_rotated = static_cast<int>(h.count_or("rope.dimension_count_swa", r.n_rotated, kMaxHeadDim));
  const auto sliding = std::ranges::find(c.layers, true, &LayerConfig::sliding);
  if (sliding != c.layers.end() && (r.n_rotated > sliding->head_dim || r.n_rotated % 2 != 0))
    h.fail(Error::Code::model_invalid, "rope.dimension_count_swa",
           fmt::format("is {}; expected an even number up to the head size, {}", r.n_rotated, sliding->head_dim));
  return r;
}

}  // namespace

float ModelConfig::query_scale() const {
  return attention_scale != 0 ? attention_scale : 1 / std::sqrt(static_cast<float>(head_dim));
}

void ModelConfig::slide_by_default(int period, bool full_first) {
  if (has_sliding_pattern) return;
  for (int i = 0; i < n_layers; ++i) layer(i).sliding = period == 0 || i % period != (full_first ? 0 : period - 1);
}

bool ModelConfig::has_experts(int i) const {
  if (n_experts == 0 || i < experts.n_leading_dense) return false;
  return experts.every_n_layers < 2 || (i + 1) % experts.every_n_layers == 0;
}

void ModelConfig::keep_state(int i, const StateSize& size, bool attends) {
  states.resize(static_cast<size_t>(n_layers));
  states[static_cast<size_t>(i)] = size;
  layer(i).recurrent = true;
  if (!attends) layer(i).n_kv_heads = 0;
}

void ModelConfig::fill_layers() {
  layers.assign(
      static_cast<size_t>(n_layers),
      {.n_heads = n_heads, .n_kv_heads = n_kv_heads, .head_dim = head_dim, .value_dim = value_dim, .ffn_dim = ffn_dim});
}

ModelConfig ModelConfig::read(const Metadata& metadata) {
  ModelConfig c;
  c.arch = metadata.require_string("general.architecture");
  const Hparams h(metadata, c.arch);
  c.n_layers = static_cast<int>(h.count("block_count", kMaxLayers));
  // Layers at the end that only guess further tokens are not run.
  const auto n_nextn = static_cast<int>(h.count_or("nextn_predict_layers", 0, kMaxLayers));
  if (n_nextn >= c.n_layers)
    h.fail(Error::Code::model_invalid, "nextn_predict_layers", fmt::format("is {} of {} layers", n_nextn, c.n_layers));
  c.n_layers -= n_nextn;
  c.n_vocab = vocabulary_size(h);
  c.dim = h.count("embedding_length", kMaxDim);
  c.ffn_dim = h.count_or("feed_forward_length", 0, kMaxDim);
  c.context_length = h.count("context_length", kMaxTokens);
  const double rms = h.number_or("attention.layer_norm_rms_epsilon", 0);
  const double layer = h.number_or("attention.layer_norm_epsilon", 0);
  c.norm_epsilon = static_cast<float>(rms != 0 ? rms : layer != 0 ? layer : 1e-5);
  c.layer_norm_epsilon = static_cast<float>(layer != 0 ? layer : rms != 0 ? rms : 1e-5);
  if (rms < 0 || layer < 0)
    h.fail(Error::Code::model_invalid, "attention.layer_norm_rms_epsilon", fmt::format("is {}", std::min(rms, layer)));
  read_heads(h, c);
  read_experts(h, c);
  read_experts_of_layers(h, c);
  c.sliding_window = static_cast<int>(h.count_or("attention.sliding_window", 0, kMaxTokens));
  read_layers(h, c);
  c.rope = read_rope(h, c);
  c.sliding_rope_base = h.rope_base("rope.freq_base_swa", 0);
  c.sliding_rope = sliding_rope_of(h, c);
  if (c.sliding_rope_base != 0) c.sliding_rope.base = c.sliding_rope_base;
  const auto factor = [&](std::string_view name) { return static_cast<float>(h.number_or(name, 0)); };
  c.attention_scale = factor("attention.scale");
  c.final_softcap = factor("final_logit_softcapping");
  c.attention_softcap = factor("attn_logit_softcapping");
  c.clamp_qkv = factor("attention.clamp_kqv");
  c.max_alibi_bias = factor("attention.max_alibi_bias");
  c.scales = {
      .embedding = factor("embedding_scale"), .residual = factor("residual_scale"), .logit = factor("logit_scale")};
  c.parallel_residual = h.flag("use_parallel_residual");
  return c;
}

}  // namespace loam
