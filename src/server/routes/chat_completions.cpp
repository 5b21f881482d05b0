// POST /v1/chat/completions, as https://platform.openai.com/docs/api-reference/chat describes it.
#include <nlohmann/json.hpp>

#include "server/routes/openai_common.h"
#include "server/routes/openai_tools.h"
#include "server/routes/routes.h"
#include "server/routes/whole_answer.h"

namespace loam {
namespace {

using namespace schema;

constexpr int64_t kMaxTopLogprobs = 20;

// {"type": "text" | "json_object" | "json_schema", "json_schema": {"name", "schema", "strict"}}
void read_response_format(const Json& value, GenerationRequest& request) {
  using Kind = OutputShape::Kind;
  const auto type = value.find("type");
  if (type == value.end()) throw Error(Error::Code::invalid, "response_format.type is missing", "response_format.type");
  check_value(*type, one_of({"text", "json_object", "json_schema"}), "response_format.type");
  if (*type == "json_object") set_shape(request, {.kind = Kind::json_object}, "response_format");
  if (*type != "json_schema") return;
  const Json* schema = &value;  // OpenAI nests it; others put "schema" beside the type
  if (const auto nested = value.find("json_schema"); nested != value.end() && nested->is_object()) schema = &*nested;
  const auto found = schema->find("schema");
  if (found == schema->end() || !(found->is_object() || found->is_boolean()))
    throw Error(Error::Code::invalid, "response_format.json_schema.schema is missing; expected a JSON schema",
                "response_format.json_schema.schema");
  set_shape(request, {.kind = Kind::json_schema, .schema = *found}, "response_format");
}

void read_top_logprobs(const Json& value, GenerationRequest& request) {
  request.sampling.logprobs = static_cast<int>(to_integer(value));
}

Parameters make_chat_parameters() {
  using R = GenerationRequest;
  const Parameters own = {
      {"messages", "the conversation so far", array(object(), kMaxMessages, 1),
       [](const Json& v, R& r) { r.conversation["messages"] = v; }, true},
      {"max_completion_tokens", "the same as max_tokens", integer(-1, INT32_MAX), read_max_tokens},
      {"logprobs", "tell the log-probability of each token of the answer", boolean(),
       [](const Json& v, R& r) { r.sampling.logprobs = v.get<bool>() ? std::max(r.sampling.logprobs, 0) : -1; }},
      {"top_logprobs", "and of so many others in its place", integer(0, kMaxTopLogprobs), read_top_logprobs},
      {"response_format", "text, json_object, or json_schema with a schema that the answer will fit", object(),
       read_response_format},
      {"return_progress", "in a stream: how far the prompt is read, before the answer", boolean(),
       [](const Json& v, R& r) { r.return_progress = v; }},
  };
  return joined({&common_parameters(), &own, &tools_parameters(), &tool_choice_parameters(), &sampling_parameters(),
                 &thinking_parameters(), &engine_parameters(), &memory_parameters()});
}

Json openai_call(const CollectedCall& call) {
  return {{"id", call.id}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
}

Json message_json(const CollectedChoice& choice) {
  Json message = {{"role", "assistant"}, {"content", choice.content}, {"refusal", nullptr}};
  if (!choice.reasoning.empty()) message["reasoning_content"] = choice.reasoning;
  if (!choice.warnings.empty()) message["warnings"] = choice.warnings;
  if (choice.calls.empty()) return message;
  if (choice.content.empty()) message["content"] = nullptr;
  Json& calls = message["tool_calls"] = Json::array();
  for (const CollectedCall& call : choice.calls) calls.push_back(openai_call(call));
  return message;
}

struct ChatIdentity {
  std::string id = random_id("chatcmpl-"), model;
  int64_t created = unix_time();

  Json object(const char* kind) const { return {{"id", id}, {"object", kind}, {"created", created}, {"model", model}}; }
};

Json chat_completion(const ChatIdentity& identity, const Tokenizer& tokenizer, const CollectedAnswer& answer) {
  Json body = identity.object("chat.completion");
  Json& choices = body["choices"] = Json::array();
  for (const CollectedChoice& choice : answer.choices)
    choices.push_back({{"index", choices.size()},
                       {"message", message_json(choice)},
                       {"logprobs", chat_logprobs(tokenizer, choice.tokens)},
                       {"finish_reason", finish_reason(choice.end)}});
  body["usage"] = usage_json(answer.usage);
  return body;
}

// The answer as chunks: the role, deltas, an empty delta with the reason of the end, and the usage where asked for.
class ChatChunks final : public AnswerSink {
 public:
  ChatChunks(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<ServedModel> model,
             const GenerationRequest& request)
      : stream_(std::move(exchange)),
        model_(std::move(model)),
        include_usage_(request.include_usage),
        n_choices_(request.n),
        identity_{.model = request.model} {}

  void reading(int64_t n_read, int64_t n_prompt) override {
    Json chunk = identity_.object("chat.completion.chunk");
    chunk["choices"] = Json::array();
    chunk["prompt_progress"] = {{"processed", n_read}, {"total", n_prompt}};
    stream_.send(chunk);
  }

  void begin(const Usage&) override {
    for (int choice = 0; choice < n_choices_; ++choice)
      send(choice, {{"role", "assistant"}, {"content", ""}}, nullptr, nullptr);
  }

  void delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) override {
    send(choice, delta_json(delta), chat_logprobs(model_->engine().tokenizer(), tokens), nullptr);
  }

  void choice_end(int choice, const ChoiceEnd& end) override {
    send(choice, Json::object(), nullptr, finish_reason(end));
  }

  void end(const Usage& usage) override {
    if (include_usage_) {
      Json chunk = identity_.object("chat.completion.chunk");
      chunk["choices"] = Json::array();
      chunk["usage"] = usage_json(usage);
      stream_.send(chunk);
    }
    stream_.send_text("[DONE]");
    stream_.end();
  }

  void fail(const Error& error) override { fail_stream(stream_, error); }

 private:
  static Json delta_json(const ChatDelta& delta) {
    switch (delta.kind) {
      case ChatDelta::Kind::content: return {{"content", delta.text}};
      case ChatDelta::Kind::reasoning: return {{"reasoning_content", delta.text}};
      case ChatDelta::Kind::warning: return {{"warnings", {delta.text}}};
      default: break;
    }
    Json call = {{"index", delta.index}};
    if (delta.kind == ChatDelta::Kind::call) {
      call["id"] = delta.id;
      call["type"] = "function";
      call["function"] = {{"name", delta.name}, {"arguments", ""}};
    } else {
      call["function"] = {{"arguments", delta.text}};
    }
    return {{"tool_calls", Json::array({std::move(call)})}};
  }

  void send(int choice, Json delta, Json logprobs, Json reason) {
    Json chunk = identity_.object("chat.completion.chunk");
    chunk["choices"] = Json::array({{{"index", choice},
                                     {"delta", std::move(delta)},
                                     {"logprobs", std::move(logprobs)},
                                     {"finish_reason", std::move(reason)}}});
    if (include_usage_) chunk["usage"] = nullptr;
    stream_.send(chunk);
  }

  EventStream stream_;
  const std::shared_ptr<ServedModel> model_;
  const bool include_usage_;
  const int n_choices_;
  const ChatIdentity identity_;
};

std::shared_ptr<AnswerSink> whole_answer(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<ServedModel> model,
                                         const GenerationRequest& request) {
  return collect(std::move(exchange), request, ErrorStyle::openai,
                 [identity = ChatIdentity{.model = request.model}, model](const CollectedAnswer& answer) {
                   return chat_completion(identity, model->engine().tokenizer(), answer);
                 });
}

void chat_completions(const ServerContext& server, Call& call) {
  GenerationRequest request;
  read_request(server, call.json(), chat_completion_parameters(), request);
  const auto exchange = call.exchange_pointer();
  answer(server, call, request, [exchange, request](const std::shared_ptr<ServedModel>& model) {
    return request.stream ? std::make_shared<ChatChunks>(exchange, model, request)
                          : whole_answer(exchange, model, request);
  });
}

}  // namespace

const Parameters& chat_completion_parameters() {
  static const Parameters table = make_chat_parameters();
  return table;
}

std::vector<Route> chat_completion_routes(const ServerContext& server) {
  const auto handler = [server](Call& call) { chat_completions(server, call); };
  return {{"POST", "/v1/chat/completions", Role::user, handler}, {"POST", "/chat/completions", Role::user, handler}};
}

}  // namespace loam
