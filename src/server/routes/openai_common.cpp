#include "server/routes/openai_common.h"

#include <fmt/chrono.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <random>

#include "base/utf8.h"

namespace loam {
namespace {

using namespace schema;

constexpr int64_t kMaxChoices = 8;

void read_stream_options(const Json& value, GenerationRequest& request) {
  const auto include = value.find("include_usage");
  if (include == value.end() || include->is_null()) return;
  check_value(*include, boolean(), "stream_options.include_usage");
  request.include_usage = *include;
}

Parameters make_common_parameters() {
  using R = GenerationRequest;
  return {
      {"model", "a model's or profile's name", string(1024), [](const Json& v, R& r) { r.model = v; }},
      {"stream", "send the answer piece by piece, as server-sent events", boolean(),
       [](const Json& v, R& r) { r.stream = v; }},
      {"stream_options", "include_usage: end the stream with the usage", object(), read_stream_options},
      {"n", "answers to give", integer(1, kMaxChoices),
       [](const Json& v, R& r) { r.n = static_cast<int>(to_integer(v)); }},
      {"max_tokens", "most tokens of the answer; -1 is as many as fit", integer(-1, INT32_MAX), read_max_tokens},
  };
}

}  // namespace

std::string random_id(std::string_view prefix) {
  static constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::random_device device;
  std::string id(prefix);
  for (int i = 0; i < 24; ++i) id += kLetters[device() % kLetters.size()];
  return id;
}

int64_t unix_time() { return static_cast<int64_t>(std::time(nullptr)); }

std::string rfc3339(int64_t unix_time) {
  return fmt::format("{:%FT%TZ}", fmt::gmtime(static_cast<std::time_t>(unix_time)));
}

std::string_view finish_reason(const ChoiceEnd& end) {
  if (end.reason == FinishReason::length || end.reason == FinishReason::context_full) return "length";
  return end.called ? "tool_calls" : "stop";
}

Json usage_json(const Usage& usage) {
  Json json = {{"prompt_tokens", usage.prompt_tokens},
               {"completion_tokens", usage.completion_tokens},
               {"total_tokens", usage.prompt_tokens + usage.completion_tokens},
               {"prompt_tokens_details", {{"cached_tokens", usage.cached_tokens}}},
               {"completion_tokens_details", {{"reasoning_tokens", usage.reasoning_tokens}}}};
  if (usage.dropped_messages > 0) json["dropped_messages"] = usage.dropped_messages;
  if (usage.dropped_tokens > 0) json["dropped_tokens"] = usage.dropped_tokens;
  return json;
}

std::string token_text(const Tokenizer& tokenizer, Token token) { return sanitize_utf8(tokenizer.piece(token, true)); }

namespace {

Json token_json(const std::string& bytes, float logprob) {
  Json list = Json::array();
  for (const char c : bytes) list.push_back(static_cast<unsigned char>(c));
  return {{"token", sanitize_utf8(bytes)}, {"logprob", logprob}, {"bytes", std::move(list)}};
}

}  // namespace

Json chat_logprobs(const Tokenizer& tokenizer, std::span<const LoggedToken> tokens) {
  if (tokens.empty()) return nullptr;
  Json content = Json::array();
  for (const LoggedToken& token : tokens) {
    Json entry = token_json(token.bytes, token.logprob.value_or(0));
    Json& top = entry["top_logprobs"] = Json::array();
    for (const TokenLogprob& other : token.top)
      top.push_back(token_json(tokenizer.piece(other.token, true), other.logprob));
    content.push_back(std::move(entry));
  }
  return {{"content", std::move(content)}, {"refusal", nullptr}};
}

const Parameters& common_parameters() {
  static const Parameters table = make_common_parameters();
  return table;
}

}  // namespace loam
