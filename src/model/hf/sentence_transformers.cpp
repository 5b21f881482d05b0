#include "model/hf/sentence_transformers.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"
#include "model/hf/fields.h"
#include "model/pooling.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// What a pooling is called since version 6, and the flag that each had before.
struct PoolingName {
  std::string_view mode, flag;
  int64_t type;
};
constexpr PoolingName kPoolings[] = {
    {"mean", "pooling_mode_mean_tokens", kMeanPooling},
    {"cls", "pooling_mode_cls_token", kFirstPooling},
    {"lasttoken", "pooling_mode_lasttoken", kLastPooling},
    {"max", "pooling_mode_max_tokens", kNoPooling},
    {"mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens", kNoPooling},
    {"weightedmean", "pooling_mode_weightedmean_tokens", kNoPooling},
};

// What stands in the folder; null where there is no such file.
Json read_if_there(const fs::path& path) {
  std::error_code fault;
  if (!fs::exists(path, fault)) return {};
  return read_json_file(path);
}

[[noreturn]] void not_supported(const fs::path& path, const std::string& what) {
  throw Error(Error::Code::unsupported, fmt::format("{}: {}", escape_control(path.string()), what), path.filename());
}

// The names of the poolings that are on: their vectors would be joined.
std::vector<std::string> active_poolings(const Json& json) {
  std::vector<std::string> active;
  if (!json.is_object()) return active;
  const Json mode = json.value("pooling_mode", Json());
  for (const Json& one : mode.is_array() ? mode : Json::array({mode}))
    if (one.is_string()) active.push_back(one);
  if (!mode.is_null()) return active;
  for (const PoolingName& name : kPoolings)
    if (json.value(std::string(name.flag), Json()) == true) active.emplace_back(name.mode);
  return active;
}

int64_t read_pooling_config(const fs::path& path) {
  const Json json = read_if_there(path);
  const std::vector<std::string> active = active_poolings(json);
  if (active.empty()) return kMeanPooling;
  if (active.size() == 1)
    for (const PoolingName& name : kPoolings)
      if (name.mode == active[0] && name.type != kNoPooling) return name.type;
  not_supported(path, fmt::format("pools {}; loam pools the mean, the first (cls) or the last token (lasttoken)",
                                  escape_control(fmt::format("{}", fmt::join(active, " and ")))));
}

// A module of modules.json behind the Transformer: what it is, and the folder that it has.
struct SentenceModule {
  std::string type;  // "sentence_transformers.models.Pooling"
  fs::path folder;
  bool is(std::string_view name) const { return type.ends_with("." + std::string(name)); }
};

std::vector<SentenceModule> read_modules(const std::string& folder) {
  const fs::path path = fs::path(folder) / "modules.json";
  const Json json = read_if_there(path);
  std::vector<SentenceModule> modules;
  for (const Json& module : json.is_array() ? json : Json::array()) {
    const HfFields f(module, path);
    const std::string type = module.is_object() ? f.text("type") : "", at = module.is_object() ? f.text("path") : "";
    if (at.find('/') != at.npos || at == "..")
      throw Error(
          Error::Code::model_invalid,
          fmt::format("{}: the path \"{}\" leads out of the folder", escape_control(path.string()), escape_control(at)),
          "path@0");
    modules.push_back({.type = type, .folder = fs::path(folder) / at});
    if (modules.back().is("Transformer")) modules.pop_back();
  }
  return modules;
}

[[noreturn]] void refuse_module(const std::string& folder, const SentenceModule& module) {
  not_supported(fs::path(folder) / "modules.json",
                fmt::format("loam has no code for the module {}", escape_control(module.type)));
}

}  // namespace

int64_t read_pooling_type(const std::string& folder) {
  int64_t pooling = kNoPooling;
  bool normalized = false;
  for (const SentenceModule& module : read_modules(folder)) {
    if (module.is("Normalize"))
      normalized = true;
    else if (module.is("Pooling"))
      pooling = read_pooling_config(module.folder / "config.json");
    else if (!module.is("Dense") || normalized || pooling == kNoPooling)
      refuse_module(folder, module);
  }
  return pooling;
}

std::vector<std::string> dense_folders(const std::string& folder) {
  std::vector<std::string> folders;
  for (const SentenceModule& module : read_modules(folder))
    if (module.is("Dense")) folders.push_back(module.folder);
  return folders;
}

std::optional<LogitScore> read_logit_score(const std::string& folder) {
  std::optional<LogitScore> score;
  const std::vector<SentenceModule> modules = read_modules(folder);
  if (std::ranges::none_of(modules, [](const SentenceModule& m) { return m.is("LogitScore"); })) return score;
  for (const SentenceModule& module : modules) {
    if (!module.is("LogitScore")) refuse_module(folder, module);
    const fs::path path = module.folder / "config.json";
    const Json json = read_if_there(path);
    if (!json.is_object())
      throw Error(Error::Code::model_invalid, "is missing, or no JSON object: LogitScore's tokens stand there", path);
    HfFields f(json, path);
    score = {.yes = f.count("true_token_id", -1, 0), .no = -1};
    if (!json.value("false_token_id", Json()).is_null()) score->no = f.count("false_token_id", -1, 0);
    f.throw_faults();
  }
  return score;
}

void read_pair_settings(const std::string& folder, Metadata& metadata) {
  Json json = read_if_there(fs::path(folder) / "sentence_bert_config.json");
  for (const char* part : {"processing_kwargs", "chat_template", "add_generation_prompt"})
    json = json.is_object() ? json.value(part, Json()) : Json();
  metadata.insert("loam.rerank.add_generation_prompt", {.type = MetaType::boolean, .value = json == true});
}

void read_sequence_length(const std::string& folder, Metadata& metadata) {
  constexpr int64_t kLeast = 3;  // what frames a text, and one token of it
  const fs::path sentence = fs::path(folder) / "sentence_bert_config.json";
  int64_t length = 0;
  if (const Json json = read_if_there(sentence); json.is_object() && json.contains("max_seq_length")) {
    HfFields f(json, sentence);
    length = f.count("max_seq_length", 0, kLeast);
    f.throw_faults();
  } else if (const Json tokenizer = read_if_there(fs::path(folder) / "tokenizer_config.json"); tokenizer.is_object()) {
    const Json most = tokenizer.value("model_max_length", Json());  // a number without end where it is not known
    if (most.is_number_integer() && most >= kLeast && most <= INT32_MAX) length = most.get<int64_t>();
  }
  if (length > 0) metadata.insert("loam.sequence_length", {.type = MetaType::i64, .value = length});
}

void read_prompts(const std::string& folder, Metadata& metadata, std::deque<std::string>& texts) {
  const fs::path path = fs::path(folder) / "config_sentence_transformers.json";
  const Json json = read_if_there(path);
  const Json prompts = json.is_object() ? json.value("prompts", Json()) : Json();
  if (!prompts.is_object() || prompts.empty()) return;
  const auto fail = [&](const std::string& what) {
    throw Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(path.string()), what), "prompts@0");
  };
  std::vector<std::string_view> names, contents;
  for (const auto& [name, content] : prompts.items()) {
    if (!content.is_string()) fail(fmt::format("the prompt {} is no text", escape_control(name)));
    names.emplace_back(texts.emplace_back(name));
    contents.emplace_back(texts.emplace_back(content.get<std::string>()));
  }
  const Json preferred = json.value("default_prompt_name", Json());
  if (preferred.is_string()) {
    if (!prompts.contains(preferred.get_ref<const std::string&>())) fail("default_prompt_name is none of the prompts");
    metadata.insert("loam.prompts.default",
                    {.type = MetaType::string, .value = std::string_view(texts.emplace_back(preferred))});
  }
  const auto put = [&](const char* key, std::vector<std::string_view> values) {
    metadata.insert(key, {.type = MetaType::array, .value = MetaArray{MetaType::string, std::move(values)}});
  };
  put("loam.prompts.names", std::move(names));
  put("loam.prompts.texts", std::move(contents));
}

}  // namespace loam
