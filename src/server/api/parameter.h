// The parameters that endpoints share: each endpoint's table, joined of these and its own, checks its requests, reads
// them, and is the OpenAPI document's source.
#pragma once

#include <initializer_list>

#include "server/api/field.h"
#include "server/api/generation_request.h"

namespace loam {

using Parameter = Field<GenerationRequest>;
using Parameters = Fields<GenerationRequest>;

// Samplers, by the names that OpenAI's, vLLM's and llama.cpp's users know.
const Parameters& sampling_parameters();
// loam's own: experts, kv_type, context, priority, truncation, wait; json_schema, grammar, regex, choices.
const Parameters& engine_parameters();

// Of chats: enable_thinking, thinking_budget, reasoning_effort, chat_template_kwargs.
const Parameters& thinking_parameters();
// Of chats: memory.
const Parameters& memory_parameters();
// What a profile may preset: all of the above, and max_tokens.
const Parameters& profile_parameters();

void read_max_tokens(const Json& value, GenerationRequest& request);
void read_template_arguments(const Json& value, GenerationRequest& request);

Parameters joined(std::initializer_list<const Parameters*> tables);

// Gives the request its shape. Error(invalid) naming `parameter` where it has one already.
void set_shape(GenerationRequest& request, OutputShape shape, const char* parameter);

}  // namespace loam
