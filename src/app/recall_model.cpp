#include "app/recall_model.h"

#include <unistd.h>

#include <filesystem>

#include "engine/embedder.h"
#include "file/catalogue.h"
#include "server/memory/engine_text_embedder.h"
#include "server/models/settings.h"

namespace loam {

std::string config_file() {
  for (const std::string& place : {std::string("loam.toml"), loam_home() + "/loam.toml"})
    if (access(place.c_str(), R_OK) == 0) return place;
  return "";
}

std::string recall_model(const std::string& name) {
  if (name == "none") return "";
  if (!name.empty() && name != "auto") return resolve_model(name);
  const std::string file = config_file();
  const std::string configured = file.empty() ? "" : read_settings(file).embedding_model;
  return configured.empty() || configured == "auto" ? installed_embedding_model() : recall_model(configured);
}

std::unique_ptr<TextEmbedder> load_recall_embedder(const std::string& name) {
  const std::string path = recall_model(name);
  if (path.empty()) return nullptr;
  return std::make_unique<EngineTextEmbedder>(Embedder::load(path), std::filesystem::path(path).filename());
}

}  // namespace loam
