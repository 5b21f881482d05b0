// Anthropic's Messages as OpenAI's chat form, which templates are written for.
#pragma once

#include "server/api/parameter.h"

namespace loam {

// The parameters of POST /v1/messages (https://docs.anthropic.com/en/api/messages).
const Parameters& anthropic_parameters();

}  // namespace loam
