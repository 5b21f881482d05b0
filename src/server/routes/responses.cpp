// POST /v1/responses, as https://platform.openai.com/docs/api-reference/responses describes it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/routes/openai_common.h"
#include "server/routes/response_events.h"
#include "server/routes/response_store.h"
#include "server/routes/responses_input.h"
#include "server/routes/routes.h"
#include "server/routes/whole_answer.h"

namespace loam {
namespace {

// What a request asked for, as its response repeats it.
Json response_head(const Json& body, const GenerationRequest& request) {
  const auto given = [&](const char* name, Json otherwise) {
    const auto found = body.find(name);
    return found == body.end() || found->is_null() ? otherwise : *found;
  };
  Json head = {{"id", random_id("resp_")}, {"object", "response"},    {"created_at", unix_time()},
               {"status", "in_progress"},  {"error", nullptr},        {"incomplete_details", nullptr},
               {"model", request.model},   {"output", Json::array()}, {"usage", nullptr}};
  for (const char* name : {"instructions", "max_output_tokens", "previous_response_id", "user"})
    head[name] = given(name, nullptr);
  head["parallel_tool_calls"] = request.chat.parallel_tool_calls;
  head["temperature"] = request.sampling.temperature;
  head["top_p"] = request.sampling.top_p;
  head["tool_choice"] = given("tool_choice", "auto");
  head["tools"] = given("tools", Json::array());
  head["text"] = given("text", {{"format", {{"type", "text"}}}});
  head["reasoning"] = given("reasoning", {{"effort", nullptr}, {"summary", nullptr}});
  head["truncation"] = request.truncate ? "auto" : "disabled";
  head["store"] = given("store", true);
  head["metadata"] = given("metadata", Json::object());
  return head;
}

// Puts what was said before in front of what the request says.
void go_on_from(const ResponseStore& store, const std::string& user, const Json& body, GenerationRequest& request) {
  const auto previous = body.find("previous_response_id");
  if (previous == body.end() || previous->is_null()) return;
  const auto found = store.find(user, *previous);
  if (!found)
    throw Error(Error::Code::not_found,
                fmt::format("there is no response {}; it was never stored, or long ago", shown(*previous)),
                "previous_response_id");
  Json& messages = request.conversation["messages"];
  const bool instructed = !messages.empty() && messages[0]["role"] == "system";
  messages.insert(messages.begin() + (instructed ? 1 : 0), found->messages.begin(), found->messages.end());
}

// What a later request goes on from: the conversation without its instructions, and the answer.
Json continued(const GenerationRequest& request, const Json& output) {
  Json messages = Json::array();
  for (const Json& message : request.conversation["messages"])
    if (message["role"] != "system") messages.push_back(message);
  for (Json& message : messages_of_items(output)) messages.push_back(std::move(message));
  return messages;
}

void responses(const ServerContext& server, const std::shared_ptr<ResponseStore>& store, Call& call) {
  GenerationRequest request;
  const Json& body = call.json();
  read_request(server, body, responses_parameters(), request);
  const std::string user = call.user().name;
  go_on_from(*store, user, body, request);
  const Json head = response_head(body, request);
  const auto exchange = call.exchange_pointer();
  const auto keep = [store, user, request, wanted = head["store"] == true](const Json& response) {
    if (wanted) store->put(user, response["id"], {response, continued(request, response["output"])});
  };
  answer(server, call, request, [=](const std::shared_ptr<ServedModel>& model) -> std::shared_ptr<AnswerSink> {
    if (request.stream) return std::make_shared<ResponseEvents>(exchange, model, head, keep);
    return collect(exchange, request, ErrorStyle::openai, [=](const CollectedAnswer& answer) {
      Json response = whole_response(model->engine().tokenizer(), head, answer);
      keep(response);
      return response;
    });
  });
}

void show(const ResponseStore& store, Call& call) {
  const auto found = store.find(call.user().name, call.parameter("id"));
  if (!found) throw Error(Error::Code::not_found, "there is no such response", "response_id");
  call.reply_json(200, found->response);
}

void remove(ResponseStore& store, Call& call) {
  const std::string& id = call.parameter("id");
  if (!store.erase(call.user().name, id))
    throw Error(Error::Code::not_found, "there is no such response", "response_id");
  call.reply_json(200, {{"id", id}, {"object", "response"}, {"deleted", true}});
}

}  // namespace

std::vector<Route> responses_routes(const ServerContext& server) {
  const auto store = std::make_shared<ResponseStore>();
  return {{"POST", "/v1/responses", Role::user, [server, store](Call& call) { responses(server, store, call); }},
          {"GET", "/v1/responses/{id}", Role::user, [store](Call& call) { show(*store, call); }},
          {"DELETE", "/v1/responses/{id}", Role::user, [store](Call& call) { remove(*store, call); }}};
}

}  // namespace loam
