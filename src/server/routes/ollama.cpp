// POST /api/chat and /api/generate, as https://github.com/ollama/ollama/blob/main/docs/api.md describes them: a line of
// JSON for each piece, the last one with counts and times.
#include <nlohmann/json.hpp>

#include "server/models/model_manager.h"
#include "server/routes/ollama_input.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"
#include "server/routes/whole_answer.h"

namespace loam {
namespace {

int64_t nanoseconds(double seconds) { return static_cast<int64_t>(seconds * 1e9); }

std::string_view done_reason(const ChoiceEnd& end) {
  return end.reason == FinishReason::length || end.reason == FinishReason::context_full ? "length" : "stop";
}

Json ollama_call(const CollectedCall& call) {
  Json arguments = Json::parse(call.arguments, nullptr, false);
  return {{"function", {{"name", call.name}, {"arguments", arguments.is_object() ? arguments : Json::object()}}}};
}

// How a piece of text is told: /api/chat wraps it in a message, /api/generate gives it as the response.
class Shape {
 public:
  Shape(std::string model, bool is_chat) : model_(std::move(model)), is_chat_(is_chat) {}

  Json line(const std::string& content, const std::string& thinking, const std::vector<CollectedCall>& calls) const {
    Json line = {{"model", model_}, {"created_at", rfc3339(unix_time())}};
    Json& place = is_chat_ ? line["message"] : line;
    if (is_chat_) place["role"] = "assistant";
    place[is_chat_ ? "content" : "response"] = content;
    if (!thinking.empty()) place["thinking"] = thinking;
    for (const CollectedCall& call : calls) place["tool_calls"].push_back(ollama_call(call));
    line["done"] = false;
    return line;
  }

  static void finish(Json& line, const ChoiceEnd& end, const Usage& usage) {
    line["done"] = true;
    line["done_reason"] = done_reason(end);
    line["total_duration"] = nanoseconds(usage.load_seconds + usage.prompt_seconds + usage.seconds);
    line["load_duration"] = nanoseconds(usage.load_seconds);
    line["prompt_eval_count"] = usage.prompt_tokens;
    line["prompt_eval_duration"] = nanoseconds(usage.prompt_seconds);
    line["eval_count"] = usage.completion_tokens;
    line["eval_duration"] = nanoseconds(usage.seconds);
  }

 private:
  std::string model_;
  bool is_chat_;
};

// Calls are told whole: their arguments are an object.
class LineSink final : public AnswerSink {
 public:
  LineSink(std::shared_ptr<HttpExchange> exchange, Shape shape)
      : exchange_(std::move(exchange)), shape_(std::move(shape)) {}

  void begin(const Usage&) override {
    exchange_->begin({.status = 200, .content_type = "application/x-ndjson", .headers = {}});
  }

  void delta(int, const ChatDelta& delta, std::span<const LoggedToken>) override {
    switch (delta.kind) {
      case ChatDelta::Kind::content: return send(shape_.line(delta.text, "", {}));
      case ChatDelta::Kind::reasoning: return send(shape_.line("", delta.text, {}));
      case ChatDelta::Kind::call: calls_.push_back({delta.id, delta.name, ""}); return;
      case ChatDelta::Kind::arguments: calls_[static_cast<size_t>(delta.index)].arguments += delta.text; return;
      case ChatDelta::Kind::warning: return;
    }
  }

  void choice_end(int, const ChoiceEnd& end) override {
    if (!calls_.empty()) send(shape_.line("", "", calls_));
    end_ = end;
  }

  void end(const Usage& usage) override {
    Json last = shape_.line("", "", {});
    Shape::finish(last, end_, usage);
    send(last);
    exchange_->end();
  }

  void fail(const Error& error) override {
    const HttpError fault(error);
    const HttpAnswer answer = fault.answer(ErrorStyle::ollama);
    if (!exchange_->has_begun()) return exchange_->send(answer.head, answer.body);
    exchange_->write(answer.body + "\n");
    exchange_->end();
  }

 private:
  void send(const Json& line) { exchange_->write(to_text(line) + "\n"); }

  const std::shared_ptr<HttpExchange> exchange_;
  const Shape shape_;
  std::vector<CollectedCall> calls_;
  ChoiceEnd end_;
};

Json whole(const Shape& shape, const CollectedAnswer& answer) {
  const CollectedChoice& choice = answer.choices[0];
  Json line = shape.line(choice.content, choice.reasoning, choice.calls);
  Shape::finish(line, choice.end, answer.usage);
  return line;
}

// A request without a message loads the model, or with keep_alive 0 unloads it.
void load_or_unload(const ServerContext& server, Call& call, const GenerationRequest& request, const Shape& shape,
                    bool unload) {
  Json line = shape.line("", "", {});
  line["done"] = true;
  line["done_reason"] = unload ? "unload" : "load";
  if (unload) {
    server.models.unload(server.models.resolve(request.model).model);
    return call.reply_json(200, line);
  }
  with_model(server, call, request.model, request.wait,
             [line](Call& ready, const std::shared_ptr<ServedModel>&) { ready.reply_json(200, line); });
}

void generate(const ServerContext& server, Call& call, bool is_chat) {
  GenerationRequest request;
  request.stream = true;
  const Json& body = call.json();
  read_request(server, body, is_chat ? ollama_chat_parameters() : ollama_generate_parameters(), request);
  const Shape shape(request.model, is_chat);
  const auto keep_alive = ollama_keep_alive(body);
  if (keep_alive) server.models.keep(server.models.resolve(request.model).model, *keep_alive);
  const Json& messages = request.conversation["messages"];
  if (!messages.is_array() || messages.empty())
    return load_or_unload(server, call, request, shape, keep_alive == std::chrono::seconds(0));
  if (body.value("raw", Json()) == true) request.prompts.emplace_back(body.value("prompt", std::string()));

  const auto exchange = call.exchange_pointer();
  answer(server, call, request,
         [exchange, request, shape](const std::shared_ptr<ServedModel>&) -> std::shared_ptr<AnswerSink> {
           if (request.stream) return std::make_shared<LineSink>(exchange, shape);
           return collect(exchange, request, ErrorStyle::ollama,
                          [shape](const CollectedAnswer& answer) { return whole(shape, answer); });
         });
}

}  // namespace

std::vector<Route> ollama_routes(const ServerContext& server) {
  const auto style = ErrorStyle::ollama;
  return {{"POST", "/api/chat", Role::user, [server](Call& call) { generate(server, call, true); }, style},
          {"POST", "/api/generate", Role::user, [server](Call& call) { generate(server, call, false); }, style}};
}

}  // namespace loam
