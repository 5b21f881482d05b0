// OpenAI's Responses as the chat form, which templates are written for.
#pragma once

#include "server/api/parameter.h"

namespace loam {

// The parameters of POST /v1/responses (https://platform.openai.com/docs/api-reference/responses).
const Parameters& responses_parameters();

// Items of an answer, as `output` gives them, as messages: what a later request goes on from.
Json messages_of_items(const Json& items);

}  // namespace loam
