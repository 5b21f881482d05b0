#include "model/tensor_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.h"

namespace loam {
namespace {

constexpr TensorSpec kTensors[] = {
    {"token_embd.weight", "embed_tokens.weight", {Size::vocab, Size::dim}, Part::any, false},
    {"output_norm.weight", "", {Size::dim}, Part::any, false},
    {"output.weight", "lm_head.weight", {Size::vocab, Size::dim}, Part::own_head, false},
    {"attn_norm.weight", "", {Size::dim}},
    {"attn_q.weight", "self_attn.q_proj.weight", {Size::query, Size::dim}},
    {"attn_k.weight", "self_attn.k_proj.weight", {Size::key, Size::dim}},
    {"attn_v.weight", "self_attn.v_proj.weight", {Size::value, Size::dim}},
    {"attn_q.bias", "", {Size::query}, Part::qkv_bias},
    {"attn_k.bias", "", {Size::key}, Part::qkv_bias},
    {"attn_v.bias", "", {Size::value}, Part::qkv_bias},
    {"attn_output.weight", "self_attn.o_proj.weight", {Size::dim, Size::attended}},
    {"attn_q_norm.weight", "self_attn.q_norm.weight", {Size::head_dim}, Part::head_norms},
    {"attn_k_norm.weight", "self_attn.k_norm.weight", {Size::head_dim}, Part::head_norms},
    {"post_attention_norm.weight", "", {Size::dim}, Part::post_norms},
    {"ffn_norm.weight", "", {Size::dim}},
    {"ffn_gate.weight", "mlp.gate_proj.weight", {Size::ffn, Size::dim}, Part::dense_ffn},
    {"ffn_up.weight", "mlp.up_proj.weight", {Size::ffn, Size::dim}, Part::dense_ffn},
    {"ffn_down.weight", "mlp.down_proj.weight", {Size::dim, Size::ffn}, Part::dense_ffn},
    {"ffn_gate_inp.weight", "mlp.gate.weight", {Size::experts, Size::dim}, Part::experts},
    {"ffn_gate_exps.weight",
     "mlp.experts.*.gate_proj.weight",
     {Size::experts, Size::expert_ffn, Size::dim},
     Part::experts},
    {"ffn_up_exps.weight", "mlp.experts.*.up_proj.weight", {Size::experts, Size::expert_ffn, Size::dim}, Part::experts},
    {"ffn_down_exps.weight",
     "mlp.experts.*.down_proj.weight",
     {Size::experts, Size::dim, Size::expert_ffn},
     Part::experts},
    {"post_ffw_norm.weight", "", {Size::dim}, Part::post_norms},
};

// The number that a hyperparameter gives, of which `size` may be a multiple.
int64_t number_of(const ModelConfig& c, Size size) {
  if (size == Size::query || size == Size::attended) return c.n_heads;
  if (size == Size::key || size == Size::value) return c.n_kv_heads;
  return size_of(c, size);
}

// With the heads' size as the tensors tell it, so that the numbers of heads are judged by themselves.
ModelConfig with_head_dim_of(ModelConfig c, const ShapeLookup& find) {
  for (const TensorSpec& spec : kTensors) {
    if (spec.shape[0] != Size::head_dim || c.value_dim != c.head_dim) continue;
    if (const auto shape = find(spec); shape && shape->rank() == 1 && (*shape)[0] <= INT32_MAX)
      c.head_dim = c.value_dim = static_cast<int>((*shape)[0]);
  }
  return c;
}

}  // namespace

// By Size.
const FieldNames kGgufFields = {"",
                                "embedding_length",
                                "vocab_size",
                                "feed_forward_length",
                                "attention.head_count",
                                "attention.head_count_kv",
                                "attention.head_count_kv",
                                "attention.head_count",
                                "attention.key_length",
                                "expert_count",
                                "expert_feed_forward_length"};
const FieldNames kHuggingFields = {"",
                                   "hidden_size",
                                   "vocab_size",
                                   "intermediate_size",
                                   "num_attention_heads",
                                   "num_key_value_heads",
                                   "num_key_value_heads",
                                   "num_attention_heads",
                                   "head_dim",
                                   "num_experts",
                                   "moe_intermediate_size"};

int TensorSpec::rank() const { return static_cast<int>(std::ranges::find(shape, Size::none) - shape.begin()); }

std::string TensorSpec::gguf_name(int layer) const {
  return of_layer ? fmt::format("blk.{}.{}", layer, gguf) : std::string(gguf);
}

std::span<const TensorSpec> tensor_specs() { return kTensors; }

int64_t size_of(const ModelConfig& c, Size size) {
  switch (size) {
    case Size::dim: return c.dim;
    case Size::vocab: return c.n_vocab;
    case Size::ffn: return c.ffn_dim;
    case Size::query: return c.q_dim();
    case Size::key: return c.kv_dim();
    case Size::value: return c.v_dim();
    case Size::attended: return c.attention_dim();
    case Size::head_dim: return c.head_dim;
    case Size::experts: return c.n_experts;
    case Size::expert_ffn: return c.expert_ffn_dim;
    case Size::none: break;
  }
  return 0;
}

Shape shape_of(const ModelConfig& config, const TensorSpec& spec) {
  std::vector<int64_t> dims;
  for (int i = 0; i < spec.rank(); ++i) dims.push_back(size_of(config, spec.shape[static_cast<size_t>(i)]));
  return Shape(dims);
}

ShapeLookup shapes_in(const GgufFile& file) {
  return [&file](const TensorSpec& spec) -> std::optional<Shape> {
    const TensorInfo* tensor = file.find(spec.gguf_name(0));
    return tensor ? std::optional(tensor->shape) : std::nullopt;
  };
}

std::vector<Contradiction> contradictions(const ModelConfig& config, const FieldNames& names, const ShapeLookup& find) {
  const ModelConfig judged = with_head_dim_of(config, find);
  std::map<std::string_view, Contradiction> by_field;
  for (const TensorSpec& spec : kTensors) {
    const auto shape = find(spec);
    for (int i = 0; shape && shape->rank() == spec.rank() && i < spec.rank(); ++i) {
      const Size size = spec.shape[static_cast<size_t>(i)];
      const int64_t expected = size_of(size == Size::head_dim ? config : judged, size);
      if (expected == 0 || expected == (*shape)[i]) continue;
      const std::string_view field = names[static_cast<size_t>(size)];
      const std::string tensor = &names == &kGgufFields ? spec.gguf_name(0) : std::string(spec.hugging);
      by_field.try_emplace(field, Contradiction{fmt::format("{} is {}, but {} has shape {} instead of {}", field,
                                                            number_of(config, size), tensor, shape->text(),
                                                            shape_of(config, spec).text()),
                                                &spec});
    }
  }
  std::vector<Contradiction> out;
  for (auto& [_, found] : by_field) out.push_back(std::move(found));
  return out;
}

std::string join_messages(const std::vector<Contradiction>& contradictions) {
  std::string text;
  for (const Contradiction& c : contradictions) text += (text.empty() ? "" : "; ") + c.message;
  return text;
}

void check_tensors(const ModelConfig& config, const GgufFile& file) {
  const auto found = contradictions(config, kGgufFields, shapes_in(file));
  if (found.empty()) return;
  const TensorInfo* first = file.find(found.front().tensor->gguf_name(0));
  throw Error(Error::Code::model_invalid, join_messages(found), fmt::format("shape@{}", first->offset));
}

}  // namespace loam
