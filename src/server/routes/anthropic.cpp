// POST /v1/messages and /v1/messages/count_tokens, as https://docs.anthropic.com/en/api/messages describes them.
#include <nlohmann/json.hpp>

#include "server/generation/prompt.h"
#include "server/routes/anthropic_input.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"
#include "server/routes/whole_answer.h"

namespace loam {
namespace {

std::string_view stop_reason(const ChoiceEnd& end) {
  if (end.reason == FinishReason::length || end.reason == FinishReason::context_full) return "max_tokens";
  if (end.called) return "tool_use";
  return end.reason == FinishReason::stop_string ? "stop_sequence" : "end_turn";
}

Json stop_sequence(const ChoiceEnd& end) { return end.stop.empty() ? Json() : Json(end.stop); }

// Cached tokens are counted apart.
Json anthropic_usage(const Usage& usage) {
  return {{"input_tokens", usage.prompt_tokens - usage.cached_tokens},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", usage.cached_tokens},
          {"output_tokens", usage.completion_tokens}};
}

// Reasoning comes with a signature, which says nothing here but must be there.
constexpr const char* kSignature = "loam";

// Arguments are complete JSON but where the answer was cut short.
Json input_of(const std::string& arguments) {
  Json input = Json::parse(arguments, nullptr, false);
  return input.is_object() ? input : Json::object();
}

Json content_of(const CollectedChoice& choice) {
  Json content = Json::array();
  if (!choice.reasoning.empty())
    content.push_back({{"type", "thinking"}, {"thinking", choice.reasoning}, {"signature", kSignature}});
  if (!choice.content.empty()) content.push_back({{"type", "text"}, {"text", choice.content}});
  for (const CollectedCall& call : choice.calls)
    content.push_back(
        {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", input_of(call.arguments)}});
  return content;
}

Json message_json(const std::string& id, const std::string& model) {
  return {{"id", id},
          {"type", "message"},
          {"role", "assistant"},
          {"model", model},
          {"content", Json::array()},
          {"stop_reason", nullptr},
          {"stop_sequence", nullptr}};
}

Json whole_message(const std::string& id, const std::string& model, const CollectedAnswer& answer) {
  const CollectedChoice& choice = answer.choices[0];
  Json message = message_json(id, model);
  message["content"] = content_of(choice);
  message["stop_reason"] = stop_reason(choice.end);
  message["stop_sequence"] = stop_sequence(choice.end);
  message["usage"] = anthropic_usage(answer.usage);
  return message;
}

// The answer as events: blocks that begin, grow and end, within a message that does the same.
class MessageSink final : public AnswerSink {
 public:
  MessageSink(std::shared_ptr<HttpExchange> exchange, std::string model)
      : stream_(std::move(exchange)), model_(std::move(model)) {}

  void begin(const Usage& so_far) override {
    Json message = message_json(random_id("msg_"), model_);
    message["usage"] = anthropic_usage(so_far);
    send("message_start", {{"message", std::move(message)}});
  }

  void delta(int, const ChatDelta& delta, std::span<const LoggedToken>) override {
    switch (delta.kind) {
      case ChatDelta::Kind::content:
        open("text", {{"type", "text"}, {"text", ""}});
        return grow({{"type", "text_delta"}, {"text", delta.text}});
      case ChatDelta::Kind::reasoning:
        open("thinking", {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
        return grow({{"type", "thinking_delta"}, {"thinking", delta.text}});
      case ChatDelta::Kind::call:
        close();
        return open("call", {{"type", "tool_use"}, {"id", delta.id}, {"name", delta.name}, {"input", Json::object()}});
      case ChatDelta::Kind::arguments: return grow({{"type", "input_json_delta"}, {"partial_json", delta.text}});
      case ChatDelta::Kind::warning: return;
    }
  }

  void choice_end(int, const ChoiceEnd& end) override {
    close();
    end_ = end;
  }

  void end(const Usage& usage) override {
    send("message_delta", {{"delta", {{"stop_reason", stop_reason(end_)}, {"stop_sequence", stop_sequence(end_)}}},
                           {"usage", anthropic_usage(usage)}});
    send("message_stop", Json::object());
    stream_.end();
  }

  void fail(const Error& error) override {
    const HttpError fault(error);
    if (!stream_.has_begun()) {
      const HttpAnswer answer = fault.answer(ErrorStyle::anthropic);
      return stream_.exchange()->send(answer.head, answer.body);
    }
    stream_.send(Json::parse(fault.body(ErrorStyle::anthropic)), "error");
    stream_.end();
  }

 private:
  void send(const char* type, Json members) {
    Json event = {{"type", type}};
    event.update(members);
    stream_.send(event, type);
  }

  void open(const char* kind, Json block) {
    if (open_ == kind) return;
    close();
    open_ = kind;
    send("content_block_start", {{"index", index_}, {"content_block", std::move(block)}});
  }

  void grow(Json delta) { send("content_block_delta", {{"index", index_}, {"delta", std::move(delta)}}); }

  void close() {
    if (open_.empty()) return;
    if (open_ == "thinking") grow({{"type", "signature_delta"}, {"signature", kSignature}});
    send("content_block_stop", {{"index", index_++}});
    open_.clear();
  }

  EventStream stream_;
  const std::string model_;
  std::string open_;  // the kind of the block that is open; "" for none
  int index_ = 0;
  ChoiceEnd end_;
};

void messages(const ServerContext& server, Call& call) {
  GenerationRequest request;
  read_request(server, call.json(), anthropic_parameters(), request);
  const auto exchange = call.exchange_pointer();
  answer(server, call, request,
         [exchange, request](const std::shared_ptr<ServedModel>&) -> std::shared_ptr<AnswerSink> {
           if (request.stream) return std::make_shared<MessageSink>(exchange, request.model);
           return collect(exchange, request, ErrorStyle::anthropic,
                          [id = random_id("msg_"), model = request.model](const CollectedAnswer& answer) {
                            return whole_message(id, model, answer);
                          });
         });
}

void count_tokens(const ServerContext& server, Call& call) {
  GenerationRequest request;
  Json body = call.json();
  if (body.is_object()) body["max_tokens"] = 1;  // counting needs none
  read_request(server, body, anthropic_parameters(), request);
  with_model(server, call, request.model, request.wait,
             [request](Call& ready, const std::shared_ptr<ServedModel>& model) {
               const ChatTurn turn = model->chat().begin(request.conversation, request.chat);
               ready.reply_json(200, {{"input_tokens", turn.prompt.size()}});
             });
}

}  // namespace

std::vector<Route> anthropic_routes(const ServerContext& server) {
  const auto style = ErrorStyle::anthropic;
  return {
      {"POST", "/v1/messages", Role::user, [server](Call& call) { messages(server, call); }, style},
      {"POST", "/v1/messages/count_tokens", Role::user, [server](Call& call) { count_tokens(server, call); }, style}};
}

}  // namespace loam
