#include "file/model_facts.h"

#include <algorithm>
#include <filesystem>

namespace loam {
namespace {

bool belongs_to_experts(std::string_view tensor) { return tensor.find("_exps.") != std::string_view::npos; }

// Of `n` weights of all experts, those that one token uses.
int64_t used_of(int64_t n, const Metadata& metadata, const std::string& arch) {
  const int64_t experts = metadata.integer(arch + ".expert_count").value_or(0);
  const int64_t used = metadata.integer(arch + ".expert_used_count").value_or(experts);
  return experts > 0 ? n / experts * std::clamp<int64_t>(used, 0, experts) : n;
}

std::string text_or(const Metadata& metadata, std::string_view key, std::string fallback) {
  const auto value = metadata.string(key);
  return value && !value->empty() ? std::string(*value) : fallback;
}

}  // namespace

ModelFacts model_facts(const GgufFile& file) {
  const Metadata& metadata = file.metadata();
  ModelFacts facts;
  facts.arch = text_or(metadata, "general.architecture", "unknown");
  facts.name = text_or(metadata, "general.name", std::filesystem::path(file.path()).stem().string());
  facts.licence = text_or(metadata, "general.license", "");

  std::map<std::string_view, int64_t> weights_by_type;
  for (const TensorInfo& tensor : file.tensors()) {
    const int64_t n = tensor.shape.elements();
    facts.parameters += n;
    facts.active_parameters += belongs_to_experts(tensor.name) ? used_of(n, metadata, facts.arch) : n;
    facts.tensor_bytes += tensor.bytes;
    ++facts.tensors_by_type[name(tensor.dtype)];
    weights_by_type[name(tensor.dtype)] += n;
  }
  if (facts.parameters > 0)
    facts.bits_per_weight = 8 * static_cast<double>(facts.tensor_bytes) / static_cast<double>(facts.parameters);
  int64_t most = 0;
  for (const auto& [type, n] : weights_by_type)
    if (n > most) {
      most = n;
      facts.main_type = type;
    }
  return facts;
}

}  // namespace loam
