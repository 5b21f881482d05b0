// Ollama's endpoints about models: /api/tags, /api/show, /api/ps, /api/pull, /api/version.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "engine/chat/chat_format.h"
#include "file/catalogue.h"
#include "file/metadata_text.h"
#include "file/model_facts.h"
#include "model/encoder.h"
#include "model/hf/folder.h"
#include "server/models/model_manager.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"
#include "server/routes/whole_answer.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

// What a model's file says of it; empty where there is no such file, as for a scripted model.
struct FileFacts {
  std::unique_ptr<GgufFile> file = nullptr;
  ModelFacts model = {};
  int64_t modified = 0;

  uint64_t bytes() const { return file ? file->file_bytes() : 0; }
};

FileFacts facts_of(const ModelSettings& settings) try {
  FileFacts facts{.file = open_model(resolve_model(settings.path), MapMode::read)};
  facts.model = model_facts(*facts.file);
  const auto changed = std::chrono::file_clock::to_sys(fs::last_write_time(facts.file->path()));
  facts.modified = std::chrono::duration_cast<std::chrono::seconds>(changed.time_since_epoch()).count();
  return facts;
} catch (const Error&) {
  return {};
}

// Ollama names a file's content; here the path, size and time stand for it.
std::string digest_of(const FileFacts& facts, const std::string& path) {
  return sha256_of(fmt::format("{}\n{}\n{}", path, facts.bytes(), facts.modified));
}

std::string parameter_size(int64_t n) {
  const auto count = static_cast<double>(n);
  return n >= 1'000'000'000 ? fmt::format("{:.1f}B", count / 1e9) : fmt::format("{:.0f}M", count / 1e6);
}

Json details_json(const FileFacts& facts) {
  const std::string family = sanitize_utf8(facts.model.arch);
  return {{"parent_model", ""},
          {"format", facts.file && facts.file->version() == 0 ? "safetensors" : "gguf"},
          {"family", family},
          {"families", {family}},
          {"parameter_size", parameter_size(facts.model.parameters)},
          {"quantization_level", facts.model.main_type}};
}

Json tag_json(const ModelSettings& model) {
  const FileFacts facts = facts_of(model);
  return {{"name", model.name},
          {"model", model.name},
          {"modified_at", rfc3339(facts.modified)},
          {"size", facts.bytes()},
          {"digest", digest_of(facts, model.path)},
          {"details", details_json(facts)}};
}

void tags(const ServerContext& server, Call& call) {
  Json models = Json::array();
  for (const ModelSettings& model : server.models.settings().models) models.push_back(tag_json(model));
  call.reply_json(200, {{"models", std::move(models)}});
}

// The model that a body's "model" or "name" means.
const ModelSettings& named_model(const ServerSettings& settings, const ServerContext& server, const Json& body) {
  for (const char* key : {"model", "name"}) {
    const auto found = body.is_object() ? body.find(key) : body.end();
    if (found == body.end() || found->is_null()) continue;
    check_value(*found, schema::string(1024), key);
    return *settings.find_model(server.models.resolve(*found).model);
  }
  throw Error(Error::Code::invalid, "model is missing", "model");
}

// Ollama has no word for a model that scores documents; one that makes no vectors must not be offered for them.
Json capabilities_of(const GgufFile* file) {
  if (file && Encoder::is_encoder(file->metadata()))
    return Json::array({Encoder::is_cross_encoder(*file) ? "rerank" : "embedding"});
  Json capabilities = {"completion"};
  const auto source = file ? file->metadata().string("tokenizer.chat_template") : std::nullopt;
  if (!source) return capabilities;
  const ChatFormat format = ChatFormat::of(ChatTemplate(std::string(*source)));
  capabilities.push_back("tools");
  if (!format.reasoning.begin.empty()) capabilities.push_back("thinking");
  return capabilities;
}

void show(const ServerContext& server, Call& call) {
  const ServerSettings settings = server.models.settings();
  const FileFacts facts = facts_of(named_model(settings, server, call.json()));
  Json body = {{"modelfile", ""},
               {"parameters", ""},
               {"template", ""},
               {"license", sanitize_utf8(facts.model.licence)},
               {"details", details_json(facts)},
               {"modified_at", rfc3339(facts.modified)},
               {"capabilities", capabilities_of(facts.file.get())}};
  Json& info = body["model_info"] = {{"general.parameter_count", facts.model.parameters}};
  if (facts.file) {
    const Metadata& metadata = facts.file->metadata();
    body["template"] = sanitize_utf8(metadata.string("tokenizer.chat_template").value_or(""));
    for (const auto& [key, value] : metadata.entries())
      if (!key.starts_with("tokenizer.") && !std::holds_alternative<MetaArray>(value.value))
        info[sanitize_utf8(key)] = metadata_json(value);
  }
  call.reply_json(200, body);
}

Json running_json(const ModelStatus& status, const ModelSettings& settings) {
  constexpr int64_t kFarAway = 4102444800;  // the year 2100: it stays
  const int64_t expires = status.expires ? std::chrono::system_clock::to_time_t(*status.expires) : kFarAway;
  Json json = tag_json(settings);
  json["size"] = status.bytes;
  json["size_vram"] = 0;
  json["expires_at"] = rfc3339(expires);
  json["context_length"] = status.model->context();
  return json;
}

void running(const ServerContext& server, Call& call) {
  const ServerSettings settings = server.models.settings();
  Json models = Json::array();
  for (const ModelStatus& status : server.models.status())
    if (status.model) models.push_back(running_json(status, *settings.find_model(status.name)));
  call.reply_json(200, {{"models", std::move(models)}});
}

// Lines of JSON as the download goes on; a client that leaves ends it.
class PullReport {
 public:
  explicit PullReport(std::shared_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}

  void say(const Json& line) {
    if (!exchange_->has_begun())
      exchange_->begin({.status = 200, .content_type = "application/x-ndjson", .headers = {}});
    exchange_->write(to_text(line) + "\n");
  }
  bool progress(std::string_view what, uint64_t done, uint64_t total) {
    const uint64_t percent = total > 0 ? done * 100 / total : 0;
    if (percent != percent_) say({{"status", what}, {"digest", what}, {"total", total}, {"completed", done}});
    percent_ = percent;
    return exchange_->is_open();
  }
  void end() { exchange_->end(); }

 private:
  const std::shared_ptr<HttpExchange> exchange_;
  uint64_t percent_ = 101;
};

// Only names of the catalogue: a client does not choose what addresses this machine opens.
void pull(const ServerContext& server, Call& call) {
  const Json& body = call.json();
  const Json& name = body.contains("model") ? body["model"] : body.value("name", Json());
  check_value(name, schema::string(256), "model");
  if (!find_in_catalogue(name.get<std::string>()))
    throw Error(Error::Code::not_found, fmt::format("{} is no name of the catalogue (`loam list`)", shown(name)),
                "model");
  const bool stream = body.value("stream", Json(true)) != false;
  PullReport report(call.exchange_pointer());
  if (stream) report.say({{"status", "pulling manifest"}});
  try {
    pull_model(name, [&](std::string_view what, uint64_t done, uint64_t total) {
      return stream ? report.progress(what, done, total) : call.exchange().is_open();
    });
    server.models.refresh();
    if (!stream) return call.reply_json(200, {{"status", "success"}});
    report.say({{"status", "success"}});
  } catch (const Error& error) {
    if (!stream) throw;
    report.say({{"error", error.message()}});
  }
  report.end();
}

}  // namespace

std::vector<Route> ollama_model_routes(const ServerContext& server) {
  const auto style = ErrorStyle::ollama;
  const auto version = [](Call& call) { call.reply_json(200, {{"version", LOAM_VERSION}}); };
  return {{"GET", "/api/tags", Role::user, [server](Call& call) { tags(server, call); }, style},
          {"POST", "/api/show", Role::user, [server](Call& call) { show(server, call); }, style},
          {"GET", "/api/ps", Role::user, [server](Call& call) { running(server, call); }, style},
          {"POST", "/api/pull", Role::admin, [server](Call& call) { pull(server, call); }, style},
          {"GET", "/api/version", Role::user, version, style}};
}

}  // namespace loam
