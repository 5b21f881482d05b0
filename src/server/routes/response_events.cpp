#include "server/routes/response_events.h"

#include <nlohmann/json.hpp>

#include "server/routes/openai_common.h"
#include "server/routes/whole_answer.h"

namespace loam {
namespace {

using Kind = ChatDelta::Kind;

Json logprobs_of(const Tokenizer& tokenizer, std::span<const LoggedToken> tokens) {
  Json logprobs = chat_logprobs(tokenizer, tokens);
  return logprobs.is_null() ? Json::array() : logprobs["content"];
}

Json text_part(const std::string& text, Json logprobs) {
  return {{"type", "output_text"}, {"text", text}, {"annotations", Json::array()}, {"logprobs", std::move(logprobs)}};
}

Json reasoning_part(const std::string& text) { return {{"type", "reasoning_text"}, {"text", text}}; }

Json message_item(Json content, const char* status) {
  return {{"type", "message"},
          {"id", random_id("msg_")},
          {"status", status},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

Json reasoning_item(Json content, const char* status) {
  return {{"type", "reasoning"},
          {"id", random_id("rs_")},
          {"summary", Json::array()},
          {"content", std::move(content)},
          {"status", status}};
}

Json call_item(const CollectedCall& call, const char* status) {
  return {{"type", "function_call"}, {"id", random_id("fc_")},      {"call_id", call.id},
          {"name", call.name},       {"arguments", call.arguments}, {"status", status}};
}

Json responses_usage(const Usage& usage) {
  return {{"input_tokens", usage.prompt_tokens},
          {"input_tokens_details", {{"cached_tokens", usage.cached_tokens}, {"cache_write_tokens", 0}}},
          {"output_tokens", usage.completion_tokens},
          {"output_tokens_details", {{"reasoning_tokens", usage.reasoning_tokens}}},
          {"total_tokens", usage.prompt_tokens + usage.completion_tokens}};
}

bool is_cut(const ChoiceEnd& end) { return finish_reason(end) == "length"; }

void finish(Json& response, const ChoiceEnd& end, const Usage& usage) {
  response["status"] = is_cut(end) ? "incomplete" : "completed";
  if (is_cut(end)) response["incomplete_details"] = {{"reason", "max_output_tokens"}};
  response["usage"] = responses_usage(usage);
}

}  // namespace

Json whole_response(const Tokenizer& tokenizer, const Json& head, const CollectedAnswer& answer) {
  const CollectedChoice& choice = answer.choices[0];
  Json response = head;
  Json& output = response["output"];
  if (!choice.reasoning.empty())
    output.push_back(reasoning_item(Json::array({reasoning_part(choice.reasoning)}), "completed"));
  if (!choice.content.empty() || choice.calls.empty())
    output.push_back(message_item(Json::array({text_part(choice.content, logprobs_of(tokenizer, choice.tokens))}),
                                  is_cut(choice.end) ? "incomplete" : "completed"));
  for (const CollectedCall& call : choice.calls) output.push_back(call_item(call, "completed"));
  finish(response, choice.end, answer.usage);
  return response;
}

ResponseEvents::ResponseEvents(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<ServedModel> model, Json head,
                               std::function<void(const Json&)> done)
    : stream_(std::move(exchange)), model_(std::move(model)), response_(std::move(head)), done_(std::move(done)) {}

void ResponseEvents::send(const char* type, Json members) {
  Json event = {{"type", type}, {"sequence_number", n_sent_++}};
  event.update(members);
  stream_.send(event, type);
}

void ResponseEvents::begin(const Usage&) {
  send("response.created", {{"response", response_}});
  send("response.in_progress", {{"response", response_}});
}

// Where the open item, and its only part, stand.
Json ResponseEvents::place() const {
  Json place = {{"item_id", item_->json["id"]}, {"output_index", response_["output"].size()}};
  if (item_->kind != Kind::call) place["content_index"] = 0;
  return place;
}

void ResponseEvents::open(Kind kind, Json item) {
  close();
  item_ = Item{.kind = kind, .json = std::move(item), .text = "", .logprobs = Json::array()};
  send("response.output_item.added", {{"output_index", response_["output"].size()}, {"item", item_->json}});
}

void ResponseEvents::open_text(Kind kind) {
  if (item_ && item_->kind == kind) return;
  const bool is_content = kind == Kind::content;
  open(kind, is_content ? message_item(Json::array(), "in_progress") : reasoning_item(Json::array(), "in_progress"));
  Json event = place();
  event["part"] = is_content ? text_part("", Json::array()) : reasoning_part("");
  send("response.content_part.added", std::move(event));
}

void ResponseEvents::delta(int, const ChatDelta& delta, std::span<const LoggedToken> tokens) {
  if (delta.kind == Kind::warning) return;
  if (delta.kind == Kind::call) return open(Kind::call, call_item({delta.id, delta.name, ""}, "in_progress"));
  if (delta.kind != Kind::arguments) open_text(delta.kind);
  grow(delta, tokens);
}

void ResponseEvents::grow(const ChatDelta& delta, std::span<const LoggedToken> tokens) {
  item_->text += delta.text;
  Json event = place();
  event["delta"] = delta.text;
  if (item_->kind == Kind::call) return send("response.function_call_arguments.delta", std::move(event));
  if (item_->kind == Kind::reasoning) return send("response.reasoning_text.delta", std::move(event));
  event["logprobs"] = logprobs_of(model_->engine().tokenizer(), tokens);
  for (const Json& token : event["logprobs"]) item_->logprobs.push_back(token);
  send("response.output_text.delta", std::move(event));
}

void ResponseEvents::close_part() {
  const bool is_content = item_->kind == Kind::content;
  Json event = place();
  event["text"] = item_->text;
  if (is_content) event["logprobs"] = item_->logprobs;
  send(is_content ? "response.output_text.done" : "response.reasoning_text.done", std::move(event));
  Json part = place();
  part["part"] = is_content ? text_part(item_->text, item_->logprobs) : reasoning_part(item_->text);
  item_->json["content"] = Json::array({part["part"]});
  send("response.content_part.done", std::move(part));
}

void ResponseEvents::close() {
  if (!item_) return;
  if (item_->kind == Kind::call) {
    Json event = place();
    event["arguments"] = item_->text;
    event["name"] = item_->json["name"];
    item_->json["arguments"] = item_->text;
    send("response.function_call_arguments.done", std::move(event));
  } else {
    close_part();
  }
  item_->json["status"] = is_cut(end_) ? "incomplete" : "completed";
  send("response.output_item.done", {{"output_index", response_["output"].size()}, {"item", item_->json}});
  response_["output"].push_back(std::move(item_->json));
  item_.reset();
}

void ResponseEvents::choice_end(int, const ChoiceEnd& end) {
  end_ = end;
  if (!item_ && response_["output"].empty()) open_text(Kind::content);  // an answer of nothing is an empty message
  close();
}

void ResponseEvents::end(const Usage& usage) {
  finish(response_, end_, usage);
  done_(response_);
  send(is_cut(end_) ? "response.incomplete" : "response.completed", {{"response", response_}});
  stream_.end();
}

void ResponseEvents::fail(const Error& error) {
  if (!stream_.has_begun()) return fail_stream(stream_, error);
  response_["status"] = "failed";
  response_["error"] = {{"code", "server_error"}, {"message", error.message()}};
  send("response.failed", {{"response", response_}});
  stream_.end();
}

}  // namespace loam
