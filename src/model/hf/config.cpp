#include "model/hf/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"
#include "model/hf/fields.h"
#include "model/hf/hyperparameters.h"
#include "model/hf/rope_fields.h"

namespace loam {
namespace {

using Json = nlohmann::json;

struct Kind;
using ReadOwn = void (*)(HfFields& fields, const Kind& kind, Hyperparameters& out);
void read_gemma(HfFields& f, const Kind& kind, Hyperparameters& out);
void read_mixtral(HfFields& f, const Kind& kind, Hyperparameters& out);
void read_qwen_experts(HfFields& f, const Kind& kind, Hyperparameters& out);
void read_phi3(HfFields& f, const Kind& kind, Hyperparameters& out);
void read_deepseek(HfFields& f, const Kind& kind, Hyperparameters& out);

// What a kind of model has, and what its configuration leaves unsaid.
struct Kind {
  std::string_view model_type, arch;
  int64_t head_dim;  // 0: hidden_size / num_attention_heads
  bool tied, qkv_bias, head_norms, post_norms, experts;
  ReadOwn read_own;  // hyperparameters that other kinds have not; may be null
};
constexpr Kind kKinds[] = {
    {"llama", "llama", 0, false, false, false, false, false, nullptr},
    {"llama_bidirec", "llama-embed", 0, false, false, false, false, false, nullptr},
    {"mistral", "llama", 0, false, false, false, false, false, nullptr},
    {"mixtral", "llama", 0, false, false, false, false, true, read_mixtral},
    {"qwen2", "qwen2", 0, false, true, false, false, false, nullptr},
    {"qwen2_moe", "qwen2moe", 0, false, true, false, false, true, read_qwen_experts},
    {"qwen3", "qwen3", 128, false, false, true, false, false, nullptr},
    {"qwen3_moe", "qwen3moe", 0, false, false, true, false, true, read_qwen_experts},
    {"gemma2", "gemma2", 256, true, false, false, true, false, read_gemma},
    {"gemma3_text", "gemma3", 256, true, false, true, true, false, read_gemma},
    {"eurobert", "eurobert", 0, false, false, false, false, false, nullptr},
    {"phi3", "phi3", 0, false, false, false, false, false, read_phi3},
    {"deepseek_v2", "deepseek2", 0, false, false, false, false, true, read_deepseek},
    {"deepseek_v3", "deepseek2", 0, false, false, false, false, true, read_deepseek},
};

// Gemma 3's layers, whose tokens see those behind them, too.
constexpr Kind kGemmaEmbedding = {"gemma3_text", "gemma-embedding", 256, true, false, true, true, false, read_gemma};

bool has_mla(const Kind& kind) { return kind.arch == "deepseek2"; }

int64_t head_dim_of(HfFields& f, const Kind& kind, int64_t dim, int64_t heads) {
  return f.count("head_dim", kind.head_dim > 0 ? kind.head_dim : dim / heads, 0);
}

void read_heads(HfFields& f, const Kind& kind, int64_t dim, Hyperparameters& out) {
  const int64_t heads = f.count("num_attention_heads"), kv_heads = f.count("num_key_value_heads", heads);
  const int64_t head_dim = head_dim_of(f, kind, dim, heads);
  if (heads % kv_heads != 0)
    f.fault(fmt::format("num_attention_heads is {}, which num_key_value_heads, {}, does not divide", heads, kv_heads));
  if (kind.head_dim == 0 && f.json().value("head_dim", Json()).is_null() && dim % heads != 0)
    f.fault(fmt::format("hidden_size is {}, which num_attention_heads, {}, does not divide", dim, heads));
  if (head_dim == 0 || head_dim % 2 != 0) f.fault(fmt::format("head_dim is {}; expected an even number", head_dim));
  out.put("attention.head_count", heads);
  out.put("attention.head_count_kv", kv_heads);
  out.put("attention.key_length", head_dim);
  out.put("attention.value_length", head_dim);
}

// Features of a head that rotate.
int64_t rotated(HfFields& f, const Kind& kind, int64_t dim) {
  if (has_mla(kind)) return f.count("qk_rope_head_dim", 64);
  const int64_t head_dim = head_dim_of(f, kind, dim, f.count("num_attention_heads"));
  const Json rope = f.json().value("rope_parameters", Json::object());
  const double part = f.number_in(rope.is_object() ? rope : Json::object(), "partial_rotary_factor",
                                  f.number("partial_rotary_factor", 1));
  return static_cast<int64_t>(static_cast<double>(head_dim) * std::clamp(part, 0.0, 1.0));
}

void check_experts_used(HfFields& f, int64_t n, const char* name, Hyperparameters& out) {
  const int64_t used = f.count("num_experts_per_tok", -1, 0);
  if (used < 1 || used > n) f.fault(fmt::format("num_experts_per_tok is {}; expected 1 to {}, {}", used, name, n));
  out.put("expert_count", n);
  out.put("expert_used_count", used);
}

void read_mixtral(HfFields& f, const Kind&, Hyperparameters& out) {
  check_experts_used(f, f.count("num_local_experts", 8), "num_local_experts", out);
}

void read_qwen_experts(HfFields& f, const Kind& kind, Hyperparameters& out) {
  const char* name = f.json().contains("num_experts") ? "num_experts" : "num_local_experts";
  check_experts_used(f, f.count(f.json().contains(name) ? name : "num_experts"), "num_experts", out);
  if (f.count("decoder_sparse_step", 1) != 1 || !f.json().value("mlp_only_layers", Json::array()).empty())
    f.fault("decoder_sparse_step and mlp_only_layers mix layers with and without experts, which loam has no code for");
  out.put("expert_feed_forward_length", f.count("moe_intermediate_size"));
  if (kind.arch == "qwen2moe") {
    out.put("expert_shared_feed_forward_length", f.count("shared_expert_intermediate_size"));
    out.put_flag("expert_weights_norm", f.flag("norm_topk_prob", false));
  }
}

// Which layers attend to a window only: a list, or every n-th layer does not.
void read_sliding_window(HfFields& f, int64_t period, Hyperparameters& out) {
  const int64_t n_layers = f.count("num_hidden_layers");
  const Json layers = f.json().value("layer_types", Json());
  out.put("attention.sliding_window", f.count("sliding_window", 4096));
  out.put("attention.sliding_window_pattern", f.count("sliding_window_pattern", period));
  if (!layers.is_array()) return;
  if (static_cast<int64_t>(layers.size()) != n_layers)
    f.fault(fmt::format("layer_types has {} values, but num_hidden_layers is {}", layers.size(), n_layers));
  std::vector<int64_t> sliding;
  for (const Json& layer : layers) sliding.push_back(layer == "sliding_attention");
  out.put("attention.sliding_window_pattern", std::move(sliding));
}

void read_gemma(HfFields& f, const Kind& kind, Hyperparameters& out) {
  const bool second = kind.arch == "gemma2";
  read_sliding_window(f, second ? 2 : 6, out);
  if (const double scalar = f.number("query_pre_attn_scalar", 256); scalar > 0)
    out.put_number("attention.scale", 1 / std::sqrt(scalar));
  else
    f.fault(fmt::format("query_pre_attn_scalar is {}; expected a positive number", scalar));
  if (!second) out.put_number("rope.freq_base_swa", sliding_rope_base(f, 10000));
  if (const double cap = f.number("attn_logit_softcapping", second ? 50 : 0); cap > 0)
    out.put_number("attn_logit_softcapping", cap);
  if (const double cap = f.number("final_logit_softcapping", second ? 30 : 0); cap > 0)
    out.put_number("final_logit_softcapping", cap);
}

void read_phi3(HfFields& f, const Kind&, Hyperparameters& out) {
  if (const int64_t window = f.count("sliding_window", 0, 0); window > 0) out.put("attention.sliding_window", window);
}

// Latent attention with the keys' and values' matrices apart, so that all heads share one latent key and value.
// DeepSeek-V2, arXiv 2405.04434.
void read_deepseek(HfFields& f, const Kind& kind, Hyperparameters& out) {
  const bool third = kind.model_type == "deepseek_v3";
  const int64_t rank = f.count("kv_lora_rank", 512), rope = f.count("qk_rope_head_dim", 64),
                plain = f.count("qk_nope_head_dim", 128), value = f.count("v_head_dim", 128);
  if (const int64_t q_rank = f.count("q_lora_rank", 0); q_rank > 0) out.put("attention.q_lora_rank", q_rank);
  out.put("attention.kv_lora_rank", rank);
  out.put("attention.head_count_kv", 1);
  out.put("attention.key_length", rank + rope);
  out.put("attention.value_length", rank);
  out.put("attention.key_length_mla", plain + rope);
  out.put("attention.value_length_mla", value);
  check_experts_used(f, f.count("n_routed_experts"), "n_routed_experts", out);
  out.put("leading_dense_block_count", f.count("first_k_dense_replace", 0, 0));
  out.put("expert_feed_forward_length", f.count("moe_intermediate_size"));
  out.put("expert_shared_count", f.count("n_shared_experts", 0, 0));
  out.put_number("expert_weights_scale", f.number("routed_scaling_factor", third ? 2.5 : 1));
  out.put_flag("expert_weights_norm", f.flag("norm_topk_prob", third));
  out.put("expert_gating_func", third ? 2 : 1);  // sigmoid, softmax
  const int64_t groups = f.count("n_group", 1), used = f.count("topk_group", groups);
  if (groups > 1 && (third || f.text("topk_method") == "group_limited_greedy")) {
    out.put("expert_group_count", groups);
    out.put("expert_group_used_count", used);
  }
}

std::vector<Part> parts_of(const HfFields& f, const Kind& kind, bool tied) {
  std::vector<Part> parts{Part::any, kind.experts ? Part::experts : Part::dense_ffn};
  if (!tied) parts.push_back(Part::own_head);
  if (f.flag("attention_bias", kind.qkv_bias)) parts.push_back(Part::qkv_bias);
  if (kind.head_norms) parts.push_back(Part::head_norms);
  if (kind.post_norms) parts.push_back(Part::post_norms);
  return parts;
}

DType dtype_of(const HfFields& f) {
  const std::string name = f.json().contains("torch_dtype") ? f.text("torch_dtype") : f.text("dtype");
  return name == "float32" ? DType::f32 : name == "bfloat16" ? DType::bf16 : DType::f16;
}

HfQuantization quantization_of(const Json& json, const std::string& origin) {
  const Json settings = json.value("quantization_config", Json());
  if (!settings.is_object()) return {};
  HfFields f(settings, origin);
  const std::string method = f.text("quant_method");
  HfQuantization quantization;
  quantization.bits = static_cast<int>(f.count("bits", method == "fp8" ? 8 : 4));
  using Method = HfQuantization::Method;
  if (method == "gptq" || method == "awq" || method == "fp8") {
    quantization.method = method == "gptq" ? Method::gptq : method == "awq" ? Method::awq : Method::fp8;
  } else {
    throw Error(Error::Code::unsupported,
                fmt::format("quant_method is \"{}\"; loam reads gptq, awq and fp8", escape_control(method)), origin);
  }
  if (quantization.method == Method::gptq) quantization.zero_is_stored = f.text("checkpoint_format") == "gptq_v2";
  if (quantization.method == Method::awq && !f.text("version").empty() && f.text("version") != "gemm")
    throw Error(Error::Code::unsupported,
                fmt::format("the AWQ version is \"{}\"; loam reads gemm", escape_control(f.text("version"))), origin);
  if (const Json block = settings.value("weight_block_size", Json()); block.is_array() && block.size() == 2) {
    const auto size = [&](size_t i) {
      if (!block[i].is_number_unsigned() || block[i] < 1 || block[i] > INT32_MAX)
        f.fault("weight_block_size is no pair of sizes");
      else
        return block[i].get<int64_t>();
      return int64_t{1};
    };
    quantization.block_rows = size(0);
    quantization.block_cols = size(1);
  }
  f.throw_faults();
  return quantization;
}

const Kind& find_kind(const HfFields& f, const std::string& origin) {
  const std::string type = f.text("model_type");
  if (type == kGemmaEmbedding.model_type && f.flag("use_bidirectional_attention", false)) return kGemmaEmbedding;
  const auto kind = std::ranges::find(kKinds, type, &Kind::model_type);
  if (kind != std::end(kKinds)) return *kind;
  std::vector<std::string_view> known;
  for (const Kind& k : kKinds) known.push_back(k.model_type);
  throw Error(Error::Code::unsupported,
              fmt::format("model_type is \"{}\"; loam knows {}", escape_control(type), fmt::join(known, ", ")), origin);
}

}  // namespace

HfConfig read_hf_config(std::string_view text, const std::string& origin) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw Error(Error::Code::model_invalid, "is not a JSON object", origin);
  HfConfig config;
  config.quantization = quantization_of(json, origin);
  if (Json inner = json.value("text_config", Json()); inner.is_object()) {  // a model that also sees
    for (const char* name : {"torch_dtype", "dtype", "tie_word_embeddings"})
      if (!inner.contains(name) && json.contains(name)) inner[name] = json[name];
    json = std::move(inner);
  }
  HfFields f(json, origin);
  const Kind& kind = find_kind(f, origin);
  Hyperparameters out(config.metadata, kind.arch);
  const int64_t dim = f.count("hidden_size");
  out.put("embedding_length", dim);
  out.put("block_count", f.count("num_hidden_layers"));
  out.put("vocab_size", f.count("vocab_size"));
  out.put("context_length", f.count("max_position_embeddings"));
  out.put("feed_forward_length", f.count("intermediate_size"));
  out.put_number("attention.layer_norm_rms_epsilon", f.number("rms_norm_eps", 1e-6));
  read_heads(f, kind, dim, out);
  read_rope(f, rotated(f, kind, dim), out, config.rope_divisors);
  if (kind.read_own != nullptr) kind.read_own(f, kind, out);
  f.throw_faults();
  config.model_type = kind.model_type;
  config.tied = f.flag("tie_word_embeddings", kind.tied);
  config.parts = parts_of(f, kind, config.tied);
  config.dtype = dtype_of(f);
  return config;
}

}  // namespace loam
