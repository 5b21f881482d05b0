#include "model/hf/encoder_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace loam {
namespace {

struct EncoderName {
  std::string_view hugging, gguf;
};

struct EncoderNames {
  std::string_view layer;  // what stands before a layer's number
  std::span<const EncoderName> of_model, of_layer, of_head;
};

constexpr EncoderName kBertNames[] = {{"embeddings.word_embeddings", "token_embd"},
                                      {"embeddings.position_embeddings", "position_embd"},
                                      {"embeddings.token_type_embeddings", "token_types"},
                                      {"embeddings.LayerNorm", "token_embd_norm"}};
// BERT's, and what Jina's have instead of some.
constexpr EncoderName kBertLayerNames[] = {{"attention.self.query", "attn_q"},
                                           {"attention.self.key", "attn_k"},
                                           {"attention.self.value", "attn_v"},
                                           {"attention.self.layer_norm_q", "attn_q_norm"},
                                           {"attention.self.layer_norm_k", "attn_k_norm"},
                                           {"attention.output.dense", "attn_output"},
                                           {"attention.output.LayerNorm", "attn_output_norm"},
                                           {"layer_norm_1", "attn_norm_2"},
                                           {"intermediate.dense", "ffn_up"},
                                           {"mlp.gated_layers", "ffn_up"},
                                           {"mlp.up_gated_layer", "ffn_up_gate"},
                                           {"output.dense", "ffn_down"},
                                           {"mlp.wo", "ffn_down"},
                                           {"output.LayerNorm", "layer_output_norm"},
                                           {"mlp.layernorm", "layer_output_norm"},
                                           {"layer_norm_2", "layer_output_norm"}};
// BERT's pooler and classifier, or RoBERTa's classifier of two layers.
constexpr EncoderName kBertHeadNames[] = {{"pooler.dense", "cls"},
                                          {"classifier", "cls.output"},
                                          {"classifier.dense", "cls"},
                                          {"classifier.out_proj", "cls.output"}};

constexpr EncoderName kNomicNames[] = {{"embeddings.word_embeddings", "token_embd"},
                                       {"embeddings.token_type_embeddings", "token_types"},
                                       {"emb_ln", "token_embd_norm"}};
constexpr EncoderName kNomicLayerNames[] = {
    {"attn.Wqkv", "attn_qkv"}, {"attn.out_proj", "attn_output"}, {"norm1", "attn_output_norm"}, {"mlp.fc11", "ffn_up"},
    {"mlp.fc12", "ffn_gate"},  {"mlp.fc2", "ffn_down"},          {"norm2", "layer_output_norm"}};

constexpr EncoderName kModernNames[] = {
    {"embeddings.tok_embeddings", "token_embd"}, {"embeddings.norm", "token_embd_norm"}, {"final_norm", "output_norm"}};
constexpr EncoderName kModernLayerNames[] = {{"attn_norm", "attn_norm"}, {"attn.Wqkv", "attn_qkv"},
                                             {"attn.Wo", "attn_output"}, {"mlp_norm", "ffn_norm"},
                                             {"mlp.Wi", "ffn_up"},       {"mlp.Wo", "ffn_down"}};
constexpr EncoderName kModernHeadNames[] = {
    {"head.dense", "cls"}, {"head.norm", "cls.norm"}, {"classifier", "cls.output"}};

EncoderNames names_of(std::string_view arch) {
  if (arch == "nomic-bert") return {"encoder.layers.", kNomicNames, kNomicLayerNames, {}};
  if (arch == "modern-bert") return {"layers.", kModernNames, kModernLayerNames, kModernHeadNames};
  return {"encoder.layer.", kBertNames, kBertLayerNames, kBertHeadNames};
}

std::string_view look_up(std::span<const EncoderName> names, std::string_view wanted) {
  const auto found = std::ranges::find(names, wanted, &EncoderName::hugging);
  return found == names.end() ? std::string_view() : found->gguf;
}

}  // namespace

std::string encoder_tensor_name(std::string_view hugging, std::string_view arch, bool cross_encoder) {
  const EncoderNames names = names_of(arch);
  for (const std::string_view model : {"bert.", "roberta.", "model."})  // of models with a task's head
    if (hugging.starts_with(model)) hugging.remove_prefix(model.size());
  const size_t dot = hugging.rfind('.');
  if (dot == hugging.npos) return {};
  std::string_view name = hugging.substr(0, dot), kind = hugging.substr(dot + 1);
  if (kind == "gamma") kind = "weight";  // of old files
  if (kind == "beta") kind = "bias";
  if (!name.starts_with(names.layer)) {
    std::string_view gguf = look_up(names.of_model, name);
    if (gguf.empty() && cross_encoder) gguf = look_up(names.of_head, name);
    return gguf.empty() ? "" : fmt::format("{}.{}", gguf, kind);
  }
  name.remove_prefix(names.layer.size());
  int layer = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
  if (error != std::errc{} || end == name.data() + name.size() || *end != '.') return {};
  const std::string_view gguf = look_up(names.of_layer, name.substr(static_cast<size_t>(end - name.data()) + 1));
  return gguf.empty() ? "" : fmt::format("blk.{}.{}.{}", layer, gguf, kind);
}

}  // namespace loam
