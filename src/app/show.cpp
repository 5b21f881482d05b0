// loam show: what a model file holds.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/load_options.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/human_bytes.h"
#include "base/utf8.h"
#include "file/catalogue.h"
#include "file/metadata_text.h"
#include "file/model_facts.h"
#include "model/encoder.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kShowExamples =
    R"(Works on every GGUF file, also vocabularies and architectures that loam cannot run. Control characters are escaped.
Examples:
  loam show smollm2-135m
  loam show model.gguf --json | jq .metadata)";

constexpr std::string_view kTemplateKey = "tokenizer.chat_template";
constexpr int kTemplateLines = 6;

struct ShowCommand {
  LoadOptions load;
  bool json = false;

  void run() const;
};

std::string licence_of(const GgufFile& file, const std::string& model) {
  const std::string licence = model_facts(file).licence;
  if (!licence.empty()) return licence;
  const auto entry = find_in_catalogue(model);
  return entry ? entry->licence : "";
}

struct SpecialToken {
  std::string name;  // "bos"
  int64_t id;
  std::string text;  // "" where the id is outside the vocabulary
};

// Every `tokenizer.ggml.<name>_token_id`.
std::vector<SpecialToken> special_tokens(const Metadata& metadata) {
  constexpr std::string_view kPrefix = "tokenizer.ggml.", kSuffix = "_token_id";
  const auto* texts = metadata.strings("tokenizer.ggml.tokens");
  std::vector<SpecialToken> tokens;
  for (const auto& [key, value] : metadata.entries()) {
    if (!key.starts_with(kPrefix) || !key.ends_with(kSuffix)) continue;
    const auto id = metadata.integer(key);
    if (!id) continue;
    const bool known = texts && *id >= 0 && *id < static_cast<int64_t>(texts->size());
    const std::string name = key.substr(kPrefix.size(), key.size() - kPrefix.size() - kSuffix.size());
    tokens.push_back({name, *id, known ? std::string((*texts)[static_cast<size_t>(*id)]) : ""});
  }
  return tokens;
}

Json as_json(const GgufFile& file, const std::string& model) {
  const ModelFacts facts = model_facts(file);
  const Metadata& metadata = file.metadata();
  Json out{{"name", sanitize_utf8(facts.name)},
           {"architecture", sanitize_utf8(facts.arch)},
           {"licence", sanitize_utf8(licence_of(file, model))},
           {"path", sanitize_utf8(file.path())},
           {"file_bytes", file.file_bytes()},
           {"gguf_version", file.version()},
           {"parameters", facts.parameters},
           {"active_parameters", facts.active_parameters},
           {"bits_per_weight", facts.bits_per_weight},
           {"n_tensors", file.tensors().size()},
           {"tensor_types", facts.tensors_by_type}};
  const auto context = metadata.integer(facts.arch + ".context_length");
  out["context_length"] = context ? Json(*context) : Json();
  const auto* vocabulary = metadata.strings("tokenizer.ggml.tokens");
  out["n_vocab"] = vocabulary ? vocabulary->size() : 0;
  Json& special = out["special_tokens"] = Json::object();
  for (const SpecialToken& token : special_tokens(metadata))
    special[sanitize_utf8(token.name)] = {{"id", token.id}, {"text", sanitize_utf8(token.text)}};
  const auto chat_template = metadata.string(kTemplateKey);
  out["chat_template"] = chat_template ? Json(sanitize_utf8(*chat_template)) : Json();
  Json& entries = out["metadata"] = Json::object();
  for (const auto& [key, value] : metadata.entries()) entries[sanitize_utf8(key)] = metadata_json(value);
  return out;
}

class ModelReport {
 public:
  void heading(std::string_view text) { out_ += "\n" + paint(STDOUT_FILENO, style::kBold, text) + "\n"; }
  void row(std::string_view name, const std::string& value) {
    out_ += fmt::format("{:<18} {}\n", escape_control(name), value);
  }
  void line(const std::string& text) { out_ += text + "\n"; }
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

void add_summary(ModelReport& report, const GgufFile& file, const std::string& model) {
  const ModelFacts facts = model_facts(file);
  const auto params = static_cast<double>(facts.parameters);
  report.row("name", escape_control(facts.name));
  report.row("architecture", escape_control(facts.arch));
  const std::string licence = licence_of(file, model);
  report.row("licence", licence.empty() ? "not stated" : escape_control(licence));
  const std::string format = file.version() > 0 ? fmt::format("GGUF v{}", file.version()) : "a folder of safetensors";
  report.row("file", fmt::format("{} ({}, {})", escape_control(file.path()), format, human_bytes(file.file_bytes())));
  if (facts.parameters > 0) {
    report.row("parameters", fmt::format("{} ({})", human_count(params), facts.parameters));
    if (facts.active_parameters != facts.parameters)
      report.row("active per token", fmt::format("{} ({})", human_count(static_cast<double>(facts.active_parameters)),
                                                 facts.active_parameters));
    report.row("bits per weight", fmt::format("{:.2f}", facts.bits_per_weight));
  }
  if (const auto context = file.metadata().integer(facts.arch + ".context_length"))
    report.row("context length", fmt::format("{} tokens", *context));
  std::string types;
  for (const auto& [type, n] : facts.tensors_by_type)
    types += fmt::format("{}{} × {}", types.empty() ? "" : ", ", n, type);
  report.row("tensors", types.empty() ? "none (a vocabulary)" : types);
}

void add_vocabulary(ModelReport& report, const Metadata& metadata) {
  const auto* vocabulary = metadata.strings("tokenizer.ggml.tokens");
  if (!vocabulary) return;
  report.heading("Vocabulary");
  report.row("tokens", std::to_string(vocabulary->size()));
  for (const SpecialToken& token : special_tokens(metadata))
    report.row(token.name, fmt::format("{} {}", token.id, escape_control(token.text)));
}

void add_template(ModelReport& report, const Metadata& metadata) {
  report.heading("Chat template");
  const auto source = metadata.string(kTemplateKey);
  if (!source && Encoder::is_encoder(metadata)) return report.line("none: an embedding model, for `loam embed`");
  if (!source) return report.line("none: a base model, for `loam generate`");
  size_t begin = 0;
  for (int i = 0; i < kTemplateLines && begin < source->size(); ++i) {
    const size_t end = std::min(source->find('\n', begin), source->size());
    report.line(shorten(source->substr(begin, end - begin), 110));
    begin = end + 1;
  }
  if (begin < source->size()) report.line(fmt::format("… {} bytes in all; --json prints it", source->size()));
}

void ShowCommand::run() const {
  const auto file = open_model_file(load);
  if (json) return print(as_json(*file, load.model).dump(2) + "\n");
  ModelReport report;
  add_summary(report, *file, load.model);
  add_vocabulary(report, file->metadata());
  add_template(report, file->metadata());
  report.heading("Metadata");
  for (const auto& [key, value] : file->metadata().entries())
    if (key != kTemplateKey) report.line(fmt::format("{} = {}", escape_control(key), metadata_text(value)));
  print(report.text());
}

}  // namespace

void add_show(Command& app) {
  Command* command = app.add_subcommand("show", "show what a model file holds");
  auto state = std::make_shared<ShowCommand>();
  add_model_argument(*command, state->load);
  command->add_flag("--json", state->json, "print a JSON object");
  command->add_option("--override-kv", state->load.overrides, "replace metadata: KEY=TYPE:VALUE")
      ->type_name("KEY=TYPE:VALUE")
      ->allow_extra_args(false);
  command->footer(kShowExamples);
  command->callback([state] { state->run(); });
}

}  // namespace loam
