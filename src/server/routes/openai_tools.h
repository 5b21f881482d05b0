// Tools and what is to be done with them, as OpenAI's endpoints are told; Ollama's are told in the same way.
#pragma once

#include "server/api/parameter.h"

namespace loam {

const Parameters& tools_parameters();        // tools: [{"type": "function", "function": {"name", …}}]
const Parameters& tool_choice_parameters();  // tool_choice, parallel_tool_calls

}  // namespace loam
