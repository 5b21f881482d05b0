// Ollama's requests as OpenAI's chat form, which templates are written for.
#pragma once

#include <chrono>
#include <optional>

#include "server/api/parameter.h"

namespace loam {

// The parameters of POST /api/chat and /api/generate (https://github.com/ollama/ollama/blob/main/docs/api.md).
const Parameters& ollama_chat_parameters();
const Parameters& ollama_generate_parameters();

// How long the model is to stay after the request; none where it does not say.
std::optional<std::chrono::seconds> ollama_keep_alive(const Json& body);

}  // namespace loam
