#include "file/quant_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {

// What a matrix does in its layer.
enum class Role { head, embedding, values, keys, queries, attention_out, down, gate_or_up, other };

namespace {

constexpr QuantMix kMixes[] = {
    {"F32", DType::f32, 0, "full precision"},
    {"F16", DType::f16, 1, "half precision"},
    {"BF16", DType::bf16, 32, "half the bits of F32, the same range"},
    {"Q8_0", DType::q8_0, 7, "8.5 bits; hardly any loss"},
    {"Q6_K", DType::q6_k, 18, "6.6 bits; very little loss"},
    {"Q5_K_M", DType::q5_k, 17, "5.7 bits; little loss"},
    {"Q5_K_S", DType::q5_k, 16, "5.5 bits; little loss"},
    {"Q5_1", DType::q5_1, 9, "6 bits; older"},
    {"Q5_0", DType::q5_0, 8, "5.5 bits; older"},
    {"Q4_K_M", DType::q4_k, 15, "4.9 bits; what most people take"},
    {"Q4_K_S", DType::q4_k, 14, "4.6 bits"},
    {"Q4_1", DType::q4_1, 3, "5 bits; older"},
    {"Q4_0", DType::q4_0, 2, "4.5 bits; older"},
    {"IQ4_NL", DType::iq4_nl, 25, "4.5 bits, not evenly spaced"},
    {"IQ4_XS", DType::iq4_xs, 30, "4.3 bits, not evenly spaced"},
    {"Q3_K_L", DType::q3_k, 13, "4.3 bits"},
    {"Q3_K_M", DType::q3_k, 12, "3.9 bits; noticeable loss"},
    {"Q3_K_S", DType::q3_k, 11, "3.5 bits; high loss"},
    {"IQ3_M", DType::iq3_s, 27, "3.7 bits"},
    {"IQ3_S", DType::iq3_s, 26, "3.4 bits"},
    {"IQ3_XS", DType::iq3_s, 22, "3.3 bits"},
    {"IQ3_XXS", DType::iq3_xxs, 23, "3.1 bits"},
    {"Q2_K", DType::q2_k, 10, "3.2 bits; high loss"},
    {"Q2_K_S", DType::q2_k, 21, "2.9 bits; with an importance matrix", true},
    {"IQ2_M", DType::iq2_s, 29, "2.7 bits; with an importance matrix", true},
    {"IQ2_S", DType::iq2_xs, 28, "2.5 bits; with an importance matrix", true},
    {"IQ2_XS", DType::iq2_xs, 20, "2.3 bits; with an importance matrix", true},
    {"IQ2_XXS", DType::iq2_xxs, 19, "2.1 bits; with an importance matrix", true},
    {"IQ1_M", DType::iq1_m, 31, "1.8 bits; with an importance matrix", true},
    {"IQ1_S", DType::iq1_s, 24, "1.6 bits; with an importance matrix", true},
    {"TQ2_0", DType::tq2_0, 37, "2.1 bits, for ternary models"},
    {"TQ1_0", DType::tq1_0, 36, "1.7 bits, for ternary models"},
    {"MXFP4_MOE", DType::mxfp4, 38, "experts in 4.25 bits, the rest in Q8_0"},
};

Role role_of(std::string_view name) {
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  if (name == "output.weight") return Role::head;
  if (name == "token_embd.weight" || name == "per_layer_token_embd.weight") return Role::embedding;
  if (has("attn_qkv.weight") || has("attn_kv_b.weight") || has("attn_v.weight")) return Role::values;
  if (has("attn_k.weight")) return Role::keys;
  if (has("attn_q.weight")) return Role::queries;
  if (has("attn_output.weight")) return Role::attention_out;
  if (has("ffn_up") || has("ffn_gate")) return Role::gate_or_up;
  if (has("ffn_down")) return Role::down;
  return Role::other;
}

// Conditions of a rule; all of its bits must hold.
enum Condition : unsigned {
  kAlways = 0,
  kMoreBits = 1,  // the first and last eighth of the layers, and every third between
  kFirst2 = 2,    // layers
  kFirst4 = 4,
  kFirst16th = 8,  // of the layers
  kFirst8th = 16,
  kMiddle = 32,         // neither in the first eighth nor in the last
  kSharedValues = 64,   // four query heads or more use the same values: they are small, and count
  kManyExperts = 128,   // four or more
  kEightExperts = 256,  // exactly: Mixtral
  kNotEight = 512,
  kWeighted = 1024,  // with an importance matrix
  kUnweighted = 2048,
  kFalcon = 4096,
  kNotFalcon = 8192,
};

struct Rule {
  std::string_view mixes;  // names with spaces between
  Role role;
  unsigned conditions;
  DType type;
};

constexpr std::string_view kLowMixes = "IQ2_XXS IQ2_XS IQ2_S IQ2_M IQ1_S IQ1_M";
constexpr std::string_view kLowest = "IQ2_XXS IQ2_XS IQ1_S IQ1_M";

// The first that holds decides.
constexpr Rule kRules[] = {
    {"IQ2_XXS IQ2_XS IQ2_S IQ2_M IQ1_S IQ1_M IQ3_XXS", Role::head, kNotFalcon, DType::q5_k},
    {kLowest, Role::embedding, kAlways, DType::q2_k},
    {"IQ2_S IQ2_M IQ3_XXS", Role::embedding, kAlways, DType::iq3_s},
    {"TQ1_0 TQ2_0", Role::embedding, kAlways, DType::q4_k},

    {kLowMixes, Role::values, kSharedValues, DType::q4_k},
    {kLowMixes, Role::values, kManyExperts, DType::q4_k},
    {"IQ2_S IQ2_M", Role::values, kAlways, DType::iq3_s},
    {kLowest, Role::values, kAlways, DType::q2_k},
    {kLowMixes, Role::keys, kEightExperts, DType::q4_k},
    {"IQ2_S IQ2_M", Role::down, kFirst8th, DType::iq3_s},
    {kLowest, Role::down, kFirst8th, DType::q2_k},
    {kLowMixes, Role::attention_out, kEightExperts, DType::q5_k},
    {"IQ1_S IQ1_M", Role::attention_out, kAlways, DType::iq2_xxs},
    {"IQ2_S IQ2_M", Role::attention_out, kAlways, DType::iq3_s},

    {"Q2_K", Role::values, kSharedValues, DType::q4_k},
    {"Q2_K", Role::values, kAlways, DType::q3_k},
    {"Q2_K_S IQ3_XXS IQ3_XS IQ3_S", Role::values, kSharedValues, DType::q4_k},
    {"IQ3_XXS", Role::values, kUnweighted, DType::iq3_s},
    {"IQ3_M", Role::values, kAlways, DType::q4_k},
    {"Q3_K_M", Role::values, kFirst2, DType::q5_k},
    {"Q3_K_M", Role::values, kAlways, DType::q4_k},
    {"Q3_K_L", Role::values, kAlways, DType::q5_k},
    {"IQ4_NL IQ4_XS", Role::values, kSharedValues, DType::q5_k},
    {"Q4_K_M Q5_K_M", Role::values, kMoreBits, DType::q6_k},
    {"Q4_K_S", Role::values, kFirst4, DType::q5_k},

    {"IQ3_XS", Role::keys, kNotEight, DType::iq3_xxs},
    {"IQ3_XXS", Role::keys, kNotEight, DType::iq2_s},
    {"IQ3_XS", Role::queries, kAlways, DType::iq3_xxs},
    {"IQ3_XXS", Role::queries, kAlways, DType::iq2_s},

    {"Q2_K", Role::down, kAlways, DType::q3_k},
    {"Q2_K_S", Role::down, kFirst8th, DType::q4_k},
    {"IQ3_XXS", Role::down, kUnweighted | kFirst8th, DType::q4_k},
    {"IQ3_XXS", Role::down, kUnweighted, DType::q3_k},
    {"Q3_K_M", Role::down, kFirst16th, DType::q5_k},
    {"Q3_K_M", Role::down, kNotFalcon, DType::q4_k},
    {"Q3_K_M", Role::down, kMoreBits, DType::q4_k},
    {"IQ3_M", Role::down, kFirst8th, DType::q4_k},
    {"IQ3_M", Role::down, kEightExperts | kMoreBits, DType::q4_k},
    {"Q3_K_L", Role::down, kFalcon, DType::q4_k},
    {"Q3_K_L", Role::down, kAlways, DType::q5_k},
    {"Q4_K_M", Role::down, kFalcon | kFirst16th, DType::q6_k},
    {"Q4_K_M", Role::down, kFalcon | kMoreBits, DType::q5_k},
    {"Q4_K_M", Role::down, kNotFalcon | kMoreBits, DType::q6_k},
    {"IQ4_NL IQ4_XS", Role::down, kUnweighted | kFirst8th, DType::q5_k},
    {"Q5_K_M", Role::down, kMoreBits, DType::q6_k},
    {"Q4_K_S", Role::down, kNotFalcon | kFirst8th, DType::q5_k},
    {"Q4_0", Role::down, kWeighted | kFirst8th, DType::q4_1},
    {"Q5_0", Role::down, kWeighted | kFirst8th, DType::q5_1},

    {"Q2_K IQ3_XS IQ3_XXS IQ3_S IQ3_M Q3_K_S Q3_K_M Q4_K_S Q4_K_M IQ4_NL IQ4_XS", Role::attention_out,
     kNotFalcon | kEightExperts, DType::q5_k},
    {"Q2_K", Role::attention_out, kNotFalcon | kNotEight, DType::q3_k},
    {"IQ3_XXS", Role::attention_out, kNotFalcon | kNotEight, DType::iq3_s},
    {"Q3_K_M IQ3_M", Role::attention_out, kNotFalcon | kNotEight, DType::q4_k},
    {"Q3_K_L", Role::attention_out, kNotFalcon | kNotEight, DType::q5_k},
    {"Q3_K_L", Role::attention_out, kFalcon, DType::q4_k},
    {"IQ3_XS", Role::gate_or_up, kMiddle, DType::iq3_xxs},
};

// Tensors that keep their precision, by parts of their names.
constexpr std::string_view kKept[] = {"_norm.weight",
                                      "ffn_gate_inp.weight",
                                      "ffn_gate_tid2eid.weight",
                                      "altup",
                                      "laurel",
                                      "per_layer_model_proj",
                                      "position_embd.weight",
                                      "token_types.weight",
                                      "ssm_conv1d",
                                      "shortconv.conv.weight",
                                      "indexer.k_proj.weight",
                                      "indexer.q_proj.weight",
                                      "time_mix_first.weight",
                                      "time_mix_w",
                                      "time_mix_v0.weight",
                                      "time_mix_v1.weight",
                                      "time_mix_v2.weight",
                                      "time_mix_a",
                                      "time_mix_g1.weight",
                                      "time_mix_g2.weight",
                                      "time_mix_decay_w",
                                      "time_mix_lerp_fused.weight",
                                      "attn_rel_b.weight",
                                      ".position_embd",
                                      ".rel_pos",
                                      ".patch_embd",
                                      ".patch_merger"};

bool names_mix(std::string_view mixes, std::string_view name) {
  for (size_t at = mixes.find(name); at != mixes.npos; at = mixes.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || mixes[at - 1] == ' ') && (end == mixes.size() || mixes[end] == ' ')) return true;
  }
  return false;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool equal_letters(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

// 7 of "blk.7.attn_v.weight"; -1 where the tensor belongs to no layer.
int64_t layer_of(std::string_view name) {
  constexpr std::string_view kBlock = "blk.";
  int64_t layer = -1;
  if (name.starts_with(kBlock)) std::from_chars(name.data() + kBlock.size(), name.data() + name.size(), layer);
  return layer;
}

bool has_more_bits_at(int64_t i, int64_t n) { return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2; }

}  // namespace

// Where a matrix stands among its like.
struct MixRules::Place {
  Role role;
  int64_t i, n;
};

std::span<const QuantMix> quant_mixes() { return kMixes; }

const QuantMix* find_quant_mix(std::string_view name) {
  const auto* found = std::ranges::find_if(kMixes, [&](const QuantMix& mix) { return equal_letters(mix.name, name); });
  return found == std::end(kMixes) ? nullptr : found;
}

const QuantMix& find_quant_mix_or_fail(std::string_view name, const std::string& where) {
  if (const QuantMix* mix = find_quant_mix(name)) return *mix;
  std::string names;
  for (const QuantMix& mix : quant_mixes()) names += (names.empty() ? "" : ", ") + std::string(mix.name);
  throw Error(Error::Code::invalid, fmt::format("there is no type {}; there are {}", escape_control(name), names),
              where);
}

std::optional<DType> find_dtype_named(std::string_view name) {
  constexpr uint32_t kMostTypes = 64;
  for (uint32_t number = 0; number < kMostTypes; ++number)
    if (const DTypeInfo* type = find_dtype(number); type && equal_letters(type->name, name)) return type->type;
  return std::nullopt;
}

MixRules::MixRules(const QuantMix& mix, const GgufFile& file, bool weighted, bool pure)
    : mix_(mix), weighted_(weighted), pure_(pure) {
  const Metadata& metadata = file.metadata();
  const std::string arch(metadata.string("general.architecture").value_or(""));
  // One number, or the first of one a layer.
  const auto number = [&](const char* key) -> int64_t {
    const MetaValue* value = metadata.find(arch + key);
    if (!value) return 0;
    if (!std::holds_alternative<MetaArray>(value->value)) return metadata.integer(arch + key).value_or(0);
    const auto* each = metadata.integers(arch + key);
    return each->empty() ? 0 : each->front();
  };
  falcon_ = arch == "falcon";
  tied_ = !file.find("output.weight");
  n_layers_ = number(".block_count");
  n_experts_ = number(".expert_count");
  const int64_t n_heads = number(".attention.head_count"), n_values = number(".attention.head_count_kv");
  heads_per_value_ = n_values > 0 ? n_heads / n_values : n_values == 0 ? 1 : 0;
  seventy_ = n_layers_ == 80 && heads_per_value_ > 1 && (arch == "llama" || arch == "qwen2");
  for (const TensorInfo& tensor : file.tensors())
    if (role_of(tensor.name) == Role::values) value_layers_.push_back(layer_of(tensor.name));
  std::ranges::sort(value_layers_);
}

bool MixRules::is_quantised(const TensorInfo& tensor) {
  if (tensor.shape.rank() < 2 || tensor.shape.rows() < 2 || !tensor.name.ends_with("weight")) return false;
  return std::ranges::none_of(kKept, [&](std::string_view part) { return tensor.name.find(part) != tensor.name.npos; });
}

bool MixRules::holds(unsigned conditions, const Place& place) const {
  const int64_t i = place.i, n = place.n;
  const struct {
    unsigned condition;
    bool holds;
  } states[] = {{kMoreBits, has_more_bits_at(i, n)},
                {kFirst2, i < 2},
                {kFirst4, i < 4},
                {kFirst16th, i < n / 16},
                {kFirst8th, i < n / 8},
                {kMiddle, i >= n / 8 && i < 7 * n / 8},
                {kSharedValues, heads_per_value_ >= 4},
                {kManyExperts, n_experts_ >= 4},
                {kEightExperts, n_experts_ == 8},
                {kNotEight, n_experts_ != 8},
                {kWeighted, weighted_},
                {kUnweighted, !weighted_},
                {kFalcon, falcon_},
                {kNotFalcon, !falcon_}};
  return std::ranges::all_of(states, [&](const auto& state) { return !(conditions & state.condition) || state.holds; });
}

DType MixRules::type_of(const TensorInfo& tensor) const {
  const DType main = mix_.type;
  if (pure_ || info(main).block_size == 1) return fitting(main, tensor.shape.cols());
  Role role = role_of(tensor.name);
  if (role == Role::embedding && tied_) role = Role::head;
  const int64_t layer = layer_of(tensor.name);
  Place place{role, layer, n_layers_};
  if (role == Role::values) {
    const auto below = std::ranges::lower_bound(value_layers_, layer) - value_layers_.begin();
    place = {role, below, std::ssize(value_layers_)};
  }
  DType type = main;
  if (role == Role::head && (falcon_ || tensor.shape.cols() % info(main).block_size != 0))
    type = DType::q8_0;
  else if (main == DType::mxfp4)
    type = tensor.shape.rank() > 2 ? DType::mxfp4 : DType::q8_0;
  else {
    const auto* rule = std::ranges::find_if(kRules, [&](const Rule& r) {
      return r.role == role && names_mix(r.mixes, mix_.name) && holds(r.conditions, place);
    });
    if (rule != std::end(kRules))
      type = rule->type;
    else if (role == Role::head && main != DType::q8_0)
      type = DType::q6_k;
  }
  if (!names_mix(kLowMixes, mix_.name)) {
    if (role == Role::values && seventy_ && (type == DType::q3_k || type == DType::q4_k)) type = DType::q5_k;
    if ((role == Role::values || role == Role::keys) && n_experts_ == 8) type = DType::q8_0;
  }
  return fitting(type, tensor.shape.cols());
}

DType MixRules::fitting(DType type, int64_t cols) {
  if (cols % info(type).block_size == 0) return type;
  DType smaller = DType::f16;
  switch (type) {
    case DType::iq1_s:
    case DType::iq1_m:
    case DType::iq2_xxs:
    case DType::iq2_xs:
    case DType::iq2_s:
    case DType::iq3_xxs:
    case DType::iq3_s:
    case DType::iq4_xs: smaller = DType::iq4_nl; break;
    case DType::q2_k:
    case DType::q3_k:
    case DType::tq1_0:
    case DType::tq2_0: smaller = DType::q4_0; break;
    case DType::q4_k: smaller = DType::q5_0; break;
    case DType::q5_k: smaller = DType::q5_1; break;
    case DType::q6_k: smaller = DType::q8_0; break;
    default: break;
  }
  return cols % info(smaller).block_size == 0 ? smaller : DType::f16;
}

}  // namespace loam
