#include "file/tokenizer_json_pre.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace loam {
namespace {

#define LOAM_HF_CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define LOAM_HF_SPACES R"(\s*[\r\n]+|\s+(?!\S)|\s+)"
// The steps that cut a text, one after another.
struct Known {
  std::string_view steps, name;
};
constexpr Known kKnown[] = {
    {"ByteLevel;", "gpt-2"},
    {"Digits1;ByteLevel;", "smollm"},
    {LOAM_HF_CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" LOAM_HF_SPACES ";",
     "llama-bpe"},
    {LOAM_HF_CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)" LOAM_HF_SPACES ";", "qwen2"},
    {LOAM_HF_CONTRACTIONS R"(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)" LOAM_HF_SPACES
                          ";",
     "qwen35"},
    {R"(\p{N}{1,3};[一-龥぀-ゟ゠-ヿ]+;[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|)" LOAM_HF_SPACES
     ";",
     "deepseek-v3"},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|)" LOAM_HF_SPACES
     ";",
     "tekken"},
};

std::string text_at(const nlohmann::json& json, const char* name) {
  const nlohmann::json value = json.value(name, nlohmann::json());
  return value.is_string() ? value.get<std::string>() : "";
}

void append_steps(const nlohmann::json& part, std::string& steps) {
  if (!part.is_object()) return;
  const std::string type = text_at(part, "type");
  if (type == "Sequence") {
    for (const nlohmann::json& inner : part.value("pretokenizers", nlohmann::json::array())) append_steps(inner, steps);
  } else if (type == "Split") {
    const nlohmann::json pattern = part.value("pattern", nlohmann::json());
    if (pattern.is_object()) steps += text_at(pattern, "Regex") + ";";
  } else if (type == "Digits") {
    steps += part.value("individual_digits", nlohmann::json()) == true ? "Digits1;" : "Digits;";
  } else if (type != "ByteLevel" || part.value("use_regex", nlohmann::json(true)) == true) {
    steps += type + ";";
  }
}

}  // namespace

const char* pre_tokenizer_name(const nlohmann::json& tokenizer) {
  std::string steps;
  append_steps(tokenizer.value("pre_tokenizer", nlohmann::json()), steps);
  const auto known = std::ranges::find(kKnown, std::string_view(steps), &Known::steps);
  return known == std::end(kKnown) ? "default" : known->name.data();
}

}  // namespace loam
