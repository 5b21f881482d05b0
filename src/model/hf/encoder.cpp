#include "model/hf/encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"
#include "file/tokenizer_json.h"
#include "model/hf/fields.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int64_t kMeanPooling = 1, kFirstPooling = 2;  // pooling_type's numbers in GGUF

struct Name {
  std::string_view hugging, gguf;
};
constexpr Name kOfEncoder[] = {{"embeddings.word_embeddings", "token_embd"},
                               {"embeddings.position_embeddings", "position_embd"},
                               {"embeddings.token_type_embeddings", "token_types"},
                               {"embeddings.LayerNorm", "token_embd_norm"}};
constexpr Name kOfEncoderLayer[] = {{"attention.self.query", "attn_q"},
                                    {"attention.self.key", "attn_k"},
                                    {"attention.self.value", "attn_v"},
                                    {"attention.output.dense", "attn_output"},
                                    {"attention.output.LayerNorm", "attn_output_norm"},
                                    {"intermediate.dense", "ffn_up"},
                                    {"output.dense", "ffn_down"},
                                    {"output.LayerNorm", "layer_output_norm"}};

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

// RoBERTa's positions count from behind that of the padding token; GGUF's from 0, so the first rows are left out.
int64_t unused_positions(const Json& config) {
  if (config.value("model_type", Json()) == "bert") return 0;
  const Json padding = config.value("pad_token_id", Json(1));
  return padding.is_number_unsigned() && padding <= 64 ? padding.get<int64_t>() + 1 : 2;
}

void read_config(const fs::path& folder, Metadata& metadata) {
  const fs::path path = folder / "config.json";
  const Json json = read_json_file(path);
  if (!json.is_object()) throw Error(Error::Code::model_invalid, "is not a JSON object", path);
  HfFields f(json, path);
  const auto expect = [&](const char* name, const std::string& wanted) {
    if (const std::string found = f.text(name); found != wanted && (!found.empty() || json.contains(name)))
      unsupported(path, fmt::format("{} is \"{}\"; loam has code for {}", name, escape_control(found), wanted));
  };
  if (!is_hf_encoder(json))
    unsupported(path, fmt::format("model_type is \"{}\"; of encoders loam runs bert, roberta and xlm-roberta",
                                  escape_control(f.text("model_type"))));
  expect("hidden_act", "gelu");
  expect("position_embedding_type", "absolute");
  metadata.insert("general.architecture", {.type = MetaType::string, .value = std::string_view("bert")});
  put(metadata, "bert.embedding_length", f.count("hidden_size"));
  put(metadata, "bert.block_count", f.count("num_hidden_layers"));
  put(metadata, "bert.vocab_size", f.count("vocab_size"));
  const int64_t unused = unused_positions(json);
  put(metadata, "bert.context_length", f.count("max_position_embeddings", -1, unused + 1) - unused);
  put(metadata, "bert.feed_forward_length", f.count("intermediate_size"));
  put(metadata, "bert.attention.head_count", f.count("num_attention_heads"));
  put(metadata, "tokenizer.ggml.token_type_count", f.count("type_vocab_size", unused > 0 ? 1 : 2));
  if (f.count("hidden_size") % f.count("num_attention_heads") != 0)
    f.fault(fmt::format("hidden_size is {}, which num_attention_heads, {}, does not divide", f.count("hidden_size"),
                        f.count("num_attention_heads")));
  const Json epsilon = json.value("layer_norm_eps", Json(1e-12));
  if (!epsilon.is_number() || !(epsilon.get<double>() > 0 && epsilon.get<double>() < 1))
    f.fault("layer_norm_eps is no number between 0 and 1");
  else
    metadata.insert("bert.attention.layer_norm_epsilon", {.type = MetaType::f64, .value = epsilon.get<double>()});
  f.throw_faults();
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

// "blk.0.attn_q.weight" of "encoder.layer.0.attention.self.query.weight"; "" for tensors that an embedding does not
// need.
std::string gguf_name_of(std::string_view hugging) {
  constexpr std::string_view kLayer = "encoder.layer.";
  for (const std::string_view model : {"bert.", "roberta."})  // of models with a task's head
    if (hugging.starts_with(model)) hugging.remove_prefix(model.size());
  const size_t dot = hugging.rfind('.');
  if (dot == hugging.npos) return {};
  std::string_view name = hugging.substr(0, dot);
  const std::string_view kind = hugging.substr(dot + 1);  // weight or bias
  const auto known = [](const auto& names, std::string_view wanted) {
    const auto found = std::ranges::find(names, wanted, &Name::hugging);
    return found == std::end(names) ? std::string_view() : found->gguf;
  };
  if (!name.starts_with(kLayer)) {
    const std::string_view gguf = known(kOfEncoder, name);
    return gguf.empty() ? "" : fmt::format("{}.{}", gguf, kind);
  }
  name.remove_prefix(kLayer.size());
  int layer = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
  if (error != std::errc{} || end == name.data() + name.size() || *end != '.') return {};
  const std::string_view gguf = known(kOfEncoderLayer, name.substr(static_cast<size_t>(end - name.data()) + 1));
  return gguf.empty() ? "" : fmt::format("blk.{}.{}.{}", layer, gguf, kind);
}

}  // namespace

Metadata read_hf_encoder(const std::string& folder, std::deque<std::string>& texts) {
  Metadata metadata;
  read_config(folder, metadata);
  read_tokenizer_json(fs::path(folder) / "tokenizer.json", metadata.require_integer("bert.vocab_size"), metadata,
                      texts);
  put(metadata, "bert.pooling_type", read_modules(folder));
  const fs::path sentence = fs::path(folder) / "sentence_bert_config.json";
  if (const Json json = read_object(sentence); json.is_object() && json.contains("max_seq_length")) {
    HfFields f(json, sentence);
    const int64_t length = f.count("max_seq_length", metadata.require_integer("bert.context_length"), 3);
    f.throw_faults();
    put(metadata, "loam.sequence_length", length);
  }
  const fs::path name = fs::absolute(folder).lexically_normal();
  const std::string last = (name.has_filename() ? name : name.parent_path()).filename();
  metadata.insert("general.name", {.type = MetaType::string, .value = std::string_view(texts.emplace_back(last))});
  return metadata;
}

bool is_hf_encoder(const Json& config) {
  const Json type = config.is_object() ? config.value("model_type", Json()) : Json();
  return type == "bert" || type == "roberta" || type == "xlm-roberta";
}

std::vector<NamedSource> encoder_tensors(const Json& config, const std::deque<SafetensorsFile>& files) {
  const int64_t unused = unused_positions(config);
  std::vector<NamedSource> tensors;
  for (const SafetensorsFile& file : files)
    for (const auto& [name, info] : file.tensors()) {
      std::string gguf = gguf_name_of(name);
      if (gguf.empty() || info.shape.rank() == 0) continue;
      SourcePtr source = stored_source({&file, &info}, name);
      if (unused > 0 && gguf == "position_embd.weight" && info.shape.rank() == 2 && info.shape[0] > unused)
        source = reordered(source, {info.shape[0] - unused, info.shape[1]}, [=](int64_t row) { return row + unused; });
      tensors.push_back({std::move(gguf), std::move(source)});
    }
  return tensors;
}

}  // namespace loam
