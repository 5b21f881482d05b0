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
  std::string_view scope = "blk";  // GGUF's
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

// Nomic's, and Jina's embeddings 3, which call attention "mixer".
constexpr EncoderName kNomicNames[] = {{"embeddings.word_embeddings", "token_embd"},
                                       {"embeddings.token_type_embeddings", "token_types"},
                                       {"emb_ln", "token_embd_norm"}};
constexpr EncoderName kNomicLayerNames[] = {{"attn.Wqkv", "attn_qkv"},
                                            {"mixer.Wqkv", "attn_qkv"},
                                            {"attn.out_proj", "attn_output"},
                                            {"mixer.out_proj", "attn_output"},
                                            {"norm1", "attn_output_norm"},
                                            {"mlp.fc1", "ffn_up"},
                                            {"mlp.fc11", "ffn_up"},
                                            {"mlp.fc12", "ffn_gate"},
                                            {"mlp.router.layer", "ffn_gate_inp"},
                                            {"mlp.fc2", "ffn_down"},
                                            {"norm2", "layer_output_norm"}};

// Of nomic's models with experts: whole names, of matrices with the experts one below the other and of a bias.
constexpr EncoderName kNomicExpertNames[] = {{"mlp.experts.mlp.w1", "ffn_up_exps.weight"},
                                             {"mlp.experts.mlp.w2", "ffn_down_exps.weight"},
                                             {"mlp.experts.bias", "ffn_exps.bias"}};

constexpr EncoderName kModernNames[] = {
    {"embeddings.tok_embeddings", "token_embd"}, {"embeddings.norm", "token_embd_norm"}, {"final_norm", "output_norm"}};
constexpr EncoderName kModernLayerNames[] = {{"attn_norm", "attn_norm"}, {"attn.Wqkv", "attn_qkv"},
                                             {"attn.Wo", "attn_output"}, {"mlp_norm", "ffn_norm"},
                                             {"mlp.Wi", "ffn_up"},       {"mlp.Wo", "ffn_down"}};
constexpr EncoderName kModernHeadNames[] = {
    {"head.dense", "cls"}, {"head.norm", "cls.norm"}, {"classifier", "cls.output"}};

constexpr EncoderName kT5Names[] = {{"shared", "token_embd"}, {"encoder.final_layer_norm", "enc.output_norm"}};
constexpr EncoderName kT5LayerNames[] = {
    {"layer.0.layer_norm", "attn_norm"},         {"layer.0.SelfAttention.q", "attn_q"},
    {"layer.0.SelfAttention.k", "attn_k"},       {"layer.0.SelfAttention.v", "attn_v"},
    {"layer.0.SelfAttention.o", "attn_o"},       {"layer.0.SelfAttention.relative_attention_bias", "attn_rel_b"},
    {"layer.1.layer_norm", "ffn_norm"},          {"layer.1.DenseReluDense.wi", "ffn_up"},
    {"layer.1.DenseReluDense.wi_0", "ffn_gate"}, {"layer.1.DenseReluDense.wi_1", "ffn_up"},
    {"layer.1.DenseReluDense.wo", "ffn_down"}};

EncoderNames names_of(std::string_view arch) {
  if (arch.starts_with("nomic-bert")) return {"encoder.layers.", kNomicNames, kNomicLayerNames, {}};
  if (arch == "jina-bert-v3") return {"encoder.layers.", kNomicNames, kNomicLayerNames, kBertHeadNames};
  if (arch == "modern-bert") return {"layers.", kModernNames, kModernLayerNames, kModernHeadNames};
  if (arch == "t5encoder") return {"encoder.block.", kT5Names, kT5LayerNames, {}, "enc.blk"};
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
  constexpr std::string_view kAdapted = ".parametrizations.weight.original";  // the matrix that adapters are added to
  const std::string plain = hugging.ends_with(kAdapted)
                                ? fmt::format("{}.weight", hugging.substr(0, hugging.size() - kAdapted.size()))
                                : std::string(hugging);
  hugging = plain;
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
  const std::string_view module = name.substr(static_cast<size_t>(end - name.data()) + 1);
  const std::string_view whole = look_up(kNomicExpertNames, fmt::format("{}.{}", module, kind));
  if (!whole.empty()) return fmt::format("{}.{}.{}", names.scope, layer, whole);
  const std::string_view gguf = look_up(names.of_layer, module);
  return gguf.empty() ? "" : fmt::format("{}.{}.{}.{}", names.scope, layer, gguf, kind);
}

}  // namespace loam
