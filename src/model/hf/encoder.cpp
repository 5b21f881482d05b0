#include "model/hf/encoder.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"
#include "file/tokenizer_json.h"
#include "model/hf/encoder_config.h"
#include "model/hf/encoder_names.h"
#include "model/hf/fields.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int64_t kMeanPooling = 1, kFirstPooling = 2, kRank = 4;  // pooling_type's numbers in GGUF

// An object that stands in the folder; null where there is no such file.
Json read_object(const fs::path& path) {
  std::error_code fault;
  if (!fs::exists(path, fault)) return {};
  return read_json_file(path);
}

void put(Metadata& metadata, const std::string& key, int64_t value) {
  metadata.insert(key, {.type = MetaType::i64, .value = value});
}

[[noreturn]] void unsupported(const fs::path& path, const std::string& what) {
  throw Error(Error::Code::unsupported, fmt::format("{}: {}", escape_control(path.string()), what), "config.json");
}

// The pooling's own configuration has a flag for each kind.
int64_t read_pooling(const fs::path& path) {
  const Json json = read_object(path);
  const auto is_on = [&](const char* flag) { return json.is_object() && json.value(flag, Json()) == true; };
  for (const char* other : {"pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
                            "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"})
    if (is_on(other)) unsupported(path, fmt::format("{} is set; loam pools the mean or the first token", other));
  if (is_on("pooling_mode_cls_token")) return kFirstPooling;
  return kMeanPooling;
}

// sentence-transformers' list of what a text goes through. Vectors have length 1 in any case.
int64_t read_modules(const fs::path& folder) {
  const fs::path path = folder / "modules.json";
  const Json modules = read_object(path);
  int64_t pooling = kMeanPooling;
  if (!modules.is_array()) return pooling;
  for (const Json& module : modules) {
    const HfFields f(module, path);
    const std::string type = module.is_object() ? f.text("type") : "", at = module.is_object() ? f.text("path") : "";
    if (type.ends_with(".Transformer") || type.ends_with(".Normalize")) continue;
    if (!type.ends_with(".Pooling")) unsupported(path, fmt::format("loam has no code for {}", escape_control(type)));
    if (at.find('/') != at.npos || at == "..")
      throw Error(
          Error::Code::model_invalid,
          fmt::format("{}: the path \"{}\" leads out of the folder", escape_control(path.string()), escape_control(at)),
          "path@0");
    pooling = read_pooling(folder / at / "config.json");
  }
  return pooling;
}

// Jina's code models have a gated layer's own rows before the gate's.
void add_up_and_gate(const std::string& name, const SourcePtr& both, std::vector<NamedSource>& tensors) {
  const std::string layer = name.substr(0, name.find("ffn_up_gate"));
  const int64_t n = both->shape()[0] / 2;
  const auto add = [&](const char* part, int64_t first) {
    tensors.push_back({layer + part, reordered(both, {n, both->shape()[1]}, [=](int64_t row) { return row + first; })});
  };
  add("ffn_up.weight", 0);
  add("ffn_gate.weight", n);
}

}  // namespace

Metadata read_hf_encoder(const std::string& folder, std::deque<std::string>& texts) {
  Metadata metadata;
  const fs::path path = fs::path(folder) / "config.json";
  const Json config = read_json_file(path);
  read_encoder_config(config, path, metadata);
  const std::string arch(encoder_architecture(config));
  read_tokenizer_json(fs::path(folder) / "tokenizer.json", metadata.require_integer(arch + ".vocab_size"), metadata,
                      texts);
  put(metadata, arch + ".pooling_type", is_cross_encoder(config) ? kRank : read_modules(folder));
  const fs::path sentence = fs::path(folder) / "sentence_bert_config.json";
  if (const Json json = read_object(sentence); json.is_object() && json.contains("max_seq_length")) {
    HfFields f(json, sentence);
    const int64_t length = f.count("max_seq_length", metadata.require_integer(arch + ".context_length"), 3);
    f.throw_faults();
    put(metadata, "loam.sequence_length", length);
  }
  const fs::path name = fs::absolute(folder).lexically_normal();
  const std::string last = (name.has_filename() ? name : name.parent_path()).filename();
  metadata.insert("general.name", {.type = MetaType::string, .value = std::string_view(texts.emplace_back(last))});
  return metadata;
}

bool is_hf_encoder(const Json& config) { return !encoder_architecture(config).empty(); }

std::vector<NamedSource> encoder_tensors(const Json& config, const std::deque<SafetensorsFile>& files) {
  const int64_t unused = unused_positions(config);
  const std::string_view arch = encoder_architecture(config);
  const bool cross_encoder = is_cross_encoder(config);
  std::vector<NamedSource> tensors;
  for (const SafetensorsFile& file : files)
    for (const auto& [name, info] : file.tensors()) {
      std::string gguf = encoder_tensor_name(name, arch, cross_encoder);
      if (gguf.empty() || info.shape.rank() == 0) continue;
      SourcePtr source = stored_source({&file, &info}, name);
      if (gguf.ends_with("ffn_up_gate.weight") && info.shape.rank() == 2) {
        add_up_and_gate(gguf, source, tensors);
        continue;
      }
      if (unused > 0 && gguf == "position_embd.weight" && info.shape.rank() == 2 && info.shape[0] > unused)
        source = reordered(source, {info.shape[0] - unused, info.shape[1]}, [=](int64_t row) { return row + unused; });
      tensors.push_back({std::move(gguf), std::move(source)});
    }
  return tensors;
}

}  // namespace loam
