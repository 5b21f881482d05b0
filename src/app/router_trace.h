// The routers of a mixture of experts, as people look at them: a trace file, a table of which experts are used.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace loam {

// Writes a JSON object a line for each token and layer: {"sequence", "layer", "position", "token", "experts",
// "weights"}. Error(io) where `path` cannot be written, now or later.
std::function<void(const RouteEvent&)> trace_routers_to(const std::string& path);

// "LAYER:EXPERT=X", as in "3:17=-2.5". Error(invalid) naming the option.
ExpertBias parse_expert_bias(const std::string& text);

// For each layer how many experts were used, how many of them took half of all choices, and the most used.
std::string expert_usage_table(const ExpertUsage& usage);

}  // namespace loam
