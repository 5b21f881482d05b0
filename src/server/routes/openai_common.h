// What OpenAI's endpoints share: ids, finish reasons, usage and log-probabilities in their shapes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/api/parameter.h"
#include "server/generation/answer_sink.h"
#include "server/generation/collected_answer.h"

namespace loam {

std::string random_id(std::string_view prefix);  // prefix and 24 letters and digits
int64_t unix_time();
std::string rfc3339(int64_t unix_time);  // "2026-11-25T08:00:00Z"

std::string_view finish_reason(const ChoiceEnd& end);  // "stop", "length", "tool_calls"
Json usage_json(const Usage& usage);

// Tokens as text for JSON: what is no UTF-8 replaced.
std::string token_text(const Tokenizer& tokenizer, Token token);
// {"content": [{"token", "logprob", "bytes", "top_logprobs"}]}; null where there are none.
Json chat_logprobs(const Tokenizer& tokenizer, std::span<const LoggedToken> tokens);

// ---- rows that endpoints share ----
// model, stream, stream_options, n, user and the like.
const Parameters& common_parameters();

}  // namespace loam
