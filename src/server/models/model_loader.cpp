#include "server/models/model_loader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "base/log.h"
#include "base/system_memory.h"
#include "engine/embedder.h"
#include "engine/scripted_file.h"
#include "file/catalogue.h"
#include "model/encoder.h"
#include "model/hf/folder.h"

namespace loam {
namespace {

uint64_t resident_bytes() {
  uint64_t total_pages = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// The file of a model, and the script's where it has one, which must live until the model is loaded.
struct ModelFile {
  explicit ModelFile(const std::string& model) {
    const std::string script = script_of(model);
    if (!script.empty()) scripted = std::make_unique<ScriptedFile>(script);
    path = scripted ? scripted->path() : resolve_model(model);
  }
  std::unique_ptr<ScriptedFile> scripted;
  std::string path;
};

uint64_t difference(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

// What to change so that the model fits the room; of an embedding model nothing can be changed.
std::string advice_for(const ModelSettings& settings, uint64_t room) {
  const ModelFile model(settings.path);
  const auto file = open_model(model.path, MapMode::read, settings.engine.quant);
  if (Encoder::is_encoder(file->metadata())) return "unload another model, or unpin one";
  apply_options(*file, settings.engine);
  return Planner(*file, select_kernels(), settings.engine).advice(room);
}

}  // namespace

ModelPlan plan_model(const ModelSettings& settings) {
  const ModelFile model(settings.path);
  const auto file = open_model(model.path, MapMode::read, settings.engine.quant);
  if (Encoder::is_encoder(file->metadata())) return {.memory = plan_embedder(*file), .context = 0};
  apply_options(*file, settings.engine);
  const Planner planner(*file, select_kernels(), settings.engine);
  return {.memory = planner.memory(), .context = planner.context()};
}

uint64_t room_for_models(std::optional<uint64_t> limit, uint64_t loaded) {
  const uint64_t untouched = difference(loaded, resident_bytes());
  const uint64_t free = difference(available_memory().value_or(UINT64_MAX), untouched);
  return limit ? std::min(free, difference(*limit, loaded)) : free;
}

void refuse_to_load(const ModelSettings& settings, const ModelPlan& plan, uint64_t room) {
  const MemoryPlan& m = plan.memory;
  std::string rows;
  for (const auto& [part, bytes] : {std::pair{"weights", m.weights},
                                    {"embeddings", m.embeddings},
                                    {"KV cache", m.kv},
                                    {"state", m.state},
                                    {"activations", m.activations},
                                    {"adapters", m.adapters},
                                    {"program", m.program}})
    if (bytes > 0) rows += fmt::format("{} {}, ", part, format_bytes(bytes));
  throw Error(Error::Code::no_memory,
              fmt::format("{} needs {} ({}context {} tokens) and there is room for {}: {}", settings.name,
                          format_bytes(m.total()), rows, plan.context, format_bytes(room), advice_for(settings, room)),
              "model");
}

std::shared_ptr<ServedModel> open_model(const ModelSettings& settings, const ServerSettings& server,
                                        Progress progress) {
  EngineOptions options = settings.engine;
  options.progress = std::move(progress);
  options.warn = [name = settings.name](const std::string& text) {
    log(LogLevel::warning, "model", {{"model", name}, {"warning", text}});
  };
  const ModelFile model(settings.path);
  if (!model.scripted && Encoder::is_encoder(open_model(model.path, MapMode::read)->metadata()))
    return std::make_shared<ServedModel>(settings, Embedder::load(model.path, {.n_threads = options.n_threads,
                                                                               .quant = options.quant,
                                                                               .progress = options.progress}));
  if (!model.scripted) {
    options.packed_folder = packed_weights_folder();
    options.cache_dir = server.cache_folder;
    options.cache_bytes = server.cache_bytes;
  }
  if (!options.draft_model.empty()) options.draft_model = resolve_model(options.draft_model);
  return std::make_shared<ServedModel>(settings, Engine::load(model.path, std::move(options)));
}

}  // namespace loam
