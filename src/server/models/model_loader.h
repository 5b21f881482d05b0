// Loading one of a server's models: what it would take, whether there is room, and the loading itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/planner.h"
#include "server/models/served_model.h"
#include "server/models/settings.h"

namespace loam {

struct ModelPlan {
  MemoryPlan memory;
  int64_t context = 0;
};

// From the file's header alone. Error as the file, the model and the options say.
ModelPlan plan_model(const ModelSettings& settings);

// Bytes for a further model beside those that take `loaded` at most: of the server's own limit, and of what the system
// has free, less what the loaded models have not touched yet.
uint64_t room_for_models(std::optional<uint64_t> limit, uint64_t loaded);

// Throws Error(no_memory) with the plan as a table.
[[noreturn]] void refuse_to_load(const ModelSettings& settings, const ModelPlan& plan, uint64_t room);

// Error as Engine::load.
std::shared_ptr<ServedModel> open_model(const ModelSettings& settings, const ServerSettings& server, Progress progress);

}  // namespace loam
