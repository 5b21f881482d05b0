#include "model/hf/tensor_names.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace loam {
namespace {

struct Rule {
  std::string_view module, gguf;
  Change change = Change::none;
};

constexpr Rule kOutside[] = {
    {"embed_tokens", "token_embd"}, {"norm", "output_norm"}, {"lm_head", "output"}, {"score", "cls.output"}};

constexpr Rule kOfLayer[] = {
    {"input_layernorm", "attn_norm"},
    {"self_attn.q_proj", "attn_q"},
    {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},
    {"self_attn.qkv_proj", "attn_qkv"},
    {"self_attn.o_proj", "attn_output"},
    {"self_attn.q_norm", "attn_q_norm"},
    {"self_attn.k_norm", "attn_k_norm"},
    {"self_attn.q_a_proj", "attn_q_a"},
    {"self_attn.q_a_layernorm", "attn_q_a_norm"},
    {"self_attn.q_b_proj", "attn_q_b"},
    {"self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa"},
    {"self_attn.kv_a_layernorm", "attn_kv_a_norm"},
    {"self_attn.kv_b_proj", "attn_kv_b", Change::key_and_value},
    {"post_attention_layernorm", "ffn_norm"},
    {"mlp.gate_proj", "ffn_gate"},
    {"mlp.up_proj", "ffn_up"},
    {"mlp.gate_up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
    {"mlp.gate", "ffn_gate_inp", Change::as_f32},
    {"mlp.experts.*.gate_proj", "ffn_gate_exps"},
    {"mlp.experts.*.up_proj", "ffn_up_exps"},
    {"mlp.experts.*.down_proj", "ffn_down_exps"},
    {"mlp.shared_expert.gate_proj", "ffn_gate_shexp"},
    {"mlp.shared_expert.up_proj", "ffn_up_shexp"},
    {"mlp.shared_expert.down_proj", "ffn_down_shexp"},
    {"mlp.shared_expert_gate", "ffn_gate_inp_shexp", Change::as_vector},
    {"mlp.shared_experts.gate_proj", "ffn_gate_shexp"},
    {"mlp.shared_experts.up_proj", "ffn_up_shexp"},
    {"mlp.shared_experts.down_proj", "ffn_down_shexp"},
    {"block_sparse_moe.gate", "ffn_gate_inp", Change::as_f32},
    {"block_sparse_moe.experts.*.w1", "ffn_gate_exps"},
    {"block_sparse_moe.experts.*.w3", "ffn_up_exps"},
    {"block_sparse_moe.experts.*.w2", "ffn_down_exps"},
};

constexpr Rule kOfGemma[] = {
    {"norm", "output_norm", Change::plus_one},
    {"input_layernorm", "attn_norm", Change::plus_one},
    {"self_attn.q_norm", "attn_q_norm", Change::plus_one},
    {"self_attn.k_norm", "attn_k_norm", Change::plus_one},
    {"post_attention_layernorm", "post_attention_norm", Change::plus_one},
    {"pre_feedforward_layernorm", "ffn_norm", Change::plus_one},
    {"post_feedforward_layernorm", "post_ffw_norm", Change::plus_one},
};

constexpr Rule kOfLlama[] = {{"self_attn.q_proj", "attn_q", Change::rope_rows},
                             {"self_attn.k_proj", "attn_k", Change::rope_rows}};

constexpr std::string_view kTowers[] = {"vision_tower.",          "vision_model.", "visual.",       "audio_tower.",
                                        "multi_modal_projector.", "mm_projector.", "embed_vision.", "embed_audio."};

template <size_t n>
std::optional<GgufName> look_up(const Rule (&rules)[n], std::string_view module) {
  const auto rule = std::ranges::find(rules, module, &Rule::module);
  return rule == std::end(rules) ? std::nullopt : std::optional(GgufName{rule->gguf, rule->change});
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The number before the next dot, with the dot; -1 where there is none.
int take_index(std::string_view& text) {
  int index = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc{} || end == text.data() + text.size() || *end != '.' || index < 0) return -1;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return index;
}

}  // namespace

std::optional<HfName> parse_hf_name(std::string_view name) {
  for (const std::string_view prefix : {"model.", "language_model.", "model."}) take_prefix(name, prefix);
  for (const std::string_view tower : kTowers)
    if (name.starts_with(tower)) return std::nullopt;
  HfName parsed;
  if (take_prefix(name, "layers.")) {
    parsed.layer = take_index(name);
    if (parsed.layer < 0) return std::nullopt;
  }
  const size_t dot = name.rfind('.');
  if (dot == name.npos) return std::nullopt;
  parsed.parameter = name.substr(dot + 1);
  parsed.module = name.substr(0, dot);
  if (parsed.parameter == "inv_freq") return std::nullopt;
  constexpr std::string_view kExperts = ".experts.";
  if (const size_t at = parsed.module.find(kExperts); at != std::string::npos) {
    std::string_view rest = std::string_view(parsed.module).substr(at + kExperts.size());
    parsed.expert = take_index(rest);
    if (parsed.expert >= 0) parsed.module = parsed.module.substr(0, at) + ".experts.*." + std::string(rest);
  }
  return parsed;
}

std::optional<GgufName> gguf_name_of(const HfName& name, std::string_view model_type) {
  std::optional<GgufName> own;
  if (model_type.starts_with("gemma")) own = look_up(kOfGemma, name.module);
  if (model_type.starts_with("llama") || model_type == "mistral" || model_type == "mixtral")
    own = look_up(kOfLlama, name.module);
  if (own) return own;
  return name.layer < 0 ? look_up(kOutside, name.module) : look_up(kOfLayer, name.module);
}

}  // namespace loam
