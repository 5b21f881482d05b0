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
#include "model/hf/sentence_transformers.h"
#include "model/pooling.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

void put(Metadata& metadata, const std::string& key, int64_t value) {
  metadata.insert(key, {.type = MetaType::i64, .value = value});
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

// Nomic's experts stand one below the other, what leads down turned: (n · hidden, dim) → (n, hidden, dim) or
// (n, dim, hidden).
SourcePtr experts_of_rows(const SourcePtr& all, const StoredTensor& stored, const std::string& name, int64_t n) {
  const Shape& shape = all->shape();
  if (shape.rank() != 2 || shape[0] % n != 0)
    throw Error(Error::Code::model_invalid,
                fmt::format("{} has shape {}, not the rows of {} experts", escape_control(name), shape.text(), n),
                "shape@8");
  const int64_t hidden = shape[0] / n;
  if (name.ends_with("w2")) return turned_blocks(all, hidden, hidden);
  return stored_source(stored, name, {n, hidden, shape[1]});
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
  const int64_t pooling = is_cross_encoder(config) ? kRankPooling : read_pooling_type(folder);
  put(metadata, arch + ".pooling_type", pooling > 0 ? pooling : kMeanPooling);
  read_sequence_length(folder, metadata);
  read_prompts(folder, metadata, texts);
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
  const int64_t n_experts = arch == "nomic-bert-moe" ? config.value("num_experts", int64_t{1}) : 1;
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
      if (gguf.ends_with("_exps.weight")) source = experts_of_rows(source, {&file, &info}, name, n_experts);
      if (unused > 0 && gguf == "position_embd.weight" && info.shape.rank() == 2 && info.shape[0] > unused)
        source = reordered(source, {info.shape[0] - unused, info.shape[1]}, [=](int64_t row) { return row + unused; });
      tensors.push_back({std::move(gguf), std::move(source)});
    }
  return tensors;
}

}  // namespace loam
