// Calls as the model would write them, for templates that cannot render them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/chat/chat_format.h"

namespace loam {

// JSON with a space after each comma and colon, as Python writes it and models read most.
std::string write_json(const nlohmann::ordered_json& value);
// `calls`: [{"function": {"name", "arguments": {…}}}, …].
std::string write_calls(const CallSyntax& syntax, const nlohmann::ordered_json& calls);

}  // namespace loam
