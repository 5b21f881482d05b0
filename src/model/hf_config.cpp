#include "model/hf_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"
#include "model/hf_fields.h"

namespace loam {
namespace {

using Json = nlohmann::json;

// What a kind of model has, and what its configuration leaves unsaid.
struct Kind {
  std::string_view model_type, arch;
  int64_t head_dim;  // 0: hidden_size / num_attention_heads
  bool tied, qkv_bias, head_norms, post_norms, experts;
};
constexpr Kind kKinds[] = {
    {"llama", "llama", 0, false, false, false, false, false},
    {"mistral", "llama", 0, false, false, false, false, false},
    {"qwen2", "qwen2", 0, false, true, false, false, false},
    {"qwen3", "qwen3", 128, false, false, true, false, false},
    {"qwen3_moe", "qwen3moe", 0, false, false, true, false, true},
    {"gemma3_text", "gemma3", 256, true, false, true, true, false},
};

class Writer {
 public:
  Writer(Metadata& metadata, std::string_view arch) : metadata_(metadata), arch_(arch) {
    metadata_.insert("general.architecture", {.type = MetaType::string, .value = arch});
  }
  void put(const char* key, int64_t value) {
    metadata_.insert(fmt::format("{}.{}", arch_, key), {.type = MetaType::i64, .value = value});
  }
  void put(const char* key, std::vector<int64_t> values) {
    metadata_.insert(fmt::format("{}.{}", arch_, key),
                     {.type = MetaType::array, .value = MetaArray{MetaType::i64, std::move(values)}});
  }

 private:
  Metadata& metadata_;
  std::string_view arch_;
};

void read_heads(HfFields& f, const Kind& kind, int64_t dim, Writer& out) {
  const int64_t heads = f.count("num_attention_heads"), kv_heads = f.count("num_key_value_heads", heads);
  const int64_t head_dim = f.count("head_dim", kind.head_dim > 0 ? kind.head_dim : dim / heads, 0);
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

void read_experts(HfFields& f, Writer& out) {
  const int64_t n = f.count("num_experts"), used = f.count("num_experts_per_tok", -1, 0);
  if (used < 1 || used > n) f.fault(fmt::format("num_experts_per_tok is {}; expected 1 to num_experts, {}", used, n));
  if (f.count("decoder_sparse_step", 1) != 1 || !f.json().value("mlp_only_layers", Json::array()).empty())
    f.fault("decoder_sparse_step and mlp_only_layers mix layers with and without experts, which loam has no code for");
  out.put("expert_count", n);
  out.put("expert_used_count", used);
  out.put("expert_feed_forward_length", f.count("moe_intermediate_size"));
}

// Gemma 3: which layers attend to a window only.
void read_sliding_window(HfFields& f, int64_t n_layers, Writer& out) {
  const Json layers = f.json().value("layer_types", Json());
  out.put("attention.sliding_window", f.count("sliding_window", 4096));
  out.put("attention.sliding_window_pattern", f.count("sliding_window_pattern", 6));
  if (!layers.is_array()) return;
  if (static_cast<int64_t>(layers.size()) != n_layers)
    f.fault(fmt::format("layer_types has {} values, but num_hidden_layers is {}", layers.size(), n_layers));
  std::vector<int64_t> sliding;
  for (const Json& layer : layers) sliding.push_back(layer == "sliding_attention");
  out.put("attention.sliding_window_pattern", std::move(sliding));
}

std::vector<Part> parts_of(const HfFields& f, const Kind& kind) {
  std::vector<Part> parts{Part::any, kind.experts ? Part::experts : Part::dense_ffn};
  if (!f.flag("tie_word_embeddings", kind.tied)) parts.push_back(Part::own_head);
  if (f.flag("attention_bias", kind.qkv_bias)) parts.push_back(Part::qkv_bias);
  if (kind.head_norms) parts.push_back(Part::head_norms);
  if (kind.post_norms) parts.push_back(Part::post_norms);
  return parts;
}

DType dtype_of(const HfFields& f) {
  const std::string name = f.json().contains("torch_dtype") ? f.text("torch_dtype") : f.text("dtype");
  return name == "float32" ? DType::f32 : name == "bfloat16" ? DType::bf16 : DType::f16;
}

const Kind& find_kind(const HfFields& f, const std::string& origin) {
  const std::string type = f.text("model_type");
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
  if (Json inner = json.value("text_config", Json()); inner.is_object()) {  // a model that also sees
    if (!inner.contains("torch_dtype") && json.contains("torch_dtype")) inner["torch_dtype"] = json["torch_dtype"];
    json = std::move(inner);
  }
  HfFields f(json, origin);
  const Kind& kind = find_kind(f, origin);
  HfConfig config;
  Writer out(config.metadata, kind.arch);
  const int64_t dim = f.count("hidden_size"), n_layers = f.count("num_hidden_layers");
  out.put("embedding_length", dim);
  out.put("block_count", n_layers);
  out.put("vocab_size", f.count("vocab_size"));
  out.put("context_length", f.count("max_position_embeddings"));
  out.put("feed_forward_length", f.count("intermediate_size"));
  read_heads(f, kind, dim, out);
  if (kind.experts) read_experts(f, out);
  if (kind.post_norms) read_sliding_window(f, n_layers, out);
  f.throw_faults();
  config.parts = parts_of(f, kind);
  config.dtype = dtype_of(f);
  return config;
}

}  // namespace loam
