// The chat's commands about memory: /memory, /remember, /forget, /facts, /persona and /why.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace loam {

// An operation of server/memory/memory_api.h by its name, here or at a server. Error.
using CallMemory = std::function<nlohmann::ordered_json(std::string_view operation, const nlohmann::ordered_json&)>;

bool is_memory_command(std::string_view name);
// → what to show. Error(invalid) for arguments that are none, and where nothing is remembered (`call` is empty).
std::string run_memory_command(std::string_view name, const std::string& argument, const CallMemory& call);

}  // namespace loam
