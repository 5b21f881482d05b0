// A request to a model that makes vectors or scores: admitted, done in turns with others, counted, and answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/embedder.h"
#include "server/models/served_model.h"
#include "server/routes/routes.h"

namespace loam {

// What a request took.
struct EmbedderUse {
  int64_t n_tokens = 0;
  double load_seconds = 0, seconds = 0;
};

// What a request asks of its model.
struct EmbedderTask {
  size_t n_texts = 0;
  // Does texts [begin, end), on the runner's thread → tokens that were read
  std::function<int64_t(size_t begin, size_t end, const Cancelled& cancelled)> work;
  std::function<Json(const EmbedderUse& use)> render;  // the answer, when all are done
};

// Loads the model and asks `prepare` for the task; errors of both are answered. A client that leaves cancels it.
void ask_embedder(const ServerContext& server, Call& call, const std::string& model, std::optional<bool> wait,
                  std::function<EmbedderTask(const ServedModel& model)> prepare);

}  // namespace loam
