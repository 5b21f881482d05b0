// What the tensors of a Hugging Face language model are called in GGUF, and how they differ there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loam {

// What becomes of a tensor on its way.
enum class Change {
  none,
  rope_rows,     // rows of a head that rotate in halves become pairs of neighbours
  plus_one,      // a norm that multiplies by 1 + weight
  as_f32,        // always stored whole
  as_vector,     // a matrix of one row
  key_and_value  // latent attention's one matrix becomes two: keys turned, and values
};

// "model.layers.3.mlp.experts.7.up_proj.qweight" in its parts.
struct HfName {
  int layer = -1;         // -1 where it belongs to none
  std::string module;     // "mlp.experts.*.up_proj"
  int expert = -1;        // -1 where it belongs to none
  std::string parameter;  // "qweight"
};

// nullopt for what is no part of a language model: of towers that see or hear, and buffers that are computed.
std::optional<HfName> parse_hf_name(std::string_view name);

struct GgufName {
  std::string_view name;  // "ffn_up_exps"; of a layer below "blk.3."
  Change change;
};
// nullopt for a module that no architecture has.
std::optional<GgufName> gguf_name_of(const HfName& name, std::string_view model_type);

}  // namespace loam
