// /v1/memory/NAME: what a user's own memory holds. GET takes its arguments from the query, POST from a JSON object.
#include <algorithm>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "memory/transfer/export.h"
#include "server/http/http_error.h"
#include "server/http/target.h"
#include "server/memory/kept_pages.h"
#include "server/memory/memory_api.h"
#include "server/memory/memory_service.h"
#include "server/models/model_manager.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

constexpr size_t kBytesAtOnce = 64 << 10;

// A query's value as the type that the argument has: numbers, true and false are told from text by the table.
Json typed(const std::string& text, const Json& schema) {
  const std::string type = schema.value("type", "string");
  if (type == "boolean" && (text == "true" || text == "1")) return true;
  if (type == "boolean" && (text == "false" || text == "0")) return false;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (type == "integer" && error == std::errc() && end == text.data() + text.size()) return number;
  return text;
}

const Fields<ExportRequest>& export_fields() {
  using E = ExportRequest;
  static const Fields<E> table = {
      {"format", "loam: without loss; chat: conversations to train a model on", schema::one_of({"loam", "chat"}),
       [](const Json& v, E& e) { e.as_conversations = v == "chat"; }},
      {"namespace", "only this one", schema::string(256), [](const Json& v, E& e) { e.filter.turns.space = v; }},
      {"session", "only this conversation", schema::string(256),
       [](const Json& v, E& e) { e.filter.turns.session = v; }},
      {"since", "from then on, in milliseconds since 1970", schema::integer(0, INT64_MAX),
       [](const Json& v, E& e) { e.filter.turns.since = to_integer(v); }},
      {"until", "before then", schema::integer(0, INT64_MAX),
       [](const Json& v, E& e) { e.filter.turns.until = to_integer(v); }},
      {"min_length", "characters of a question and an answer (chat)", schema::integer(0, 1 << 30),
       [](const Json& v, E& e) { e.filter.min_characters = static_cast<size_t>(to_integer(v)); }},
      {"own", "leave imported answers out (chat)", schema::boolean(),
       [](const Json& v, E& e) { e.filter.with_imports = !v.get<bool>(); }},
      {"any", "keep answers that were cut, repeat themselves or came before (chat)", schema::boolean(),
       [](const Json& v, E& e) { e.filter.only_good = !v.get<bool>(); }},
  };
  return table;
}

template <class T>
Json arguments_of_query(const std::string& query, const Fields<T>& table) {
  Json arguments = Json::object();
  for (const auto& [name, value] : parse_query(query)) {
    const auto field = std::ranges::find(table, std::string_view(name), &Field<T>::name);
    if (field != table.end()) arguments[name] = typed(value, field->schema);
  }
  return arguments;
}

std::shared_ptr<Memory> asked_memory(const ServerContext& server, const Call& call) {
  auto memory = server.memory.of(call.user(), call.request());
  if (!memory) throw HttpError(404, "this server remembers nothing (it was started with --no-remember)", "not_found");
  return memory;
}

// What is forgotten must not go on in caches of prompts. What models have thought about anybody stands there as
// nobody's.
void forget_prompts(const ServerContext& server, const Call& call) {
  std::vector<std::string> users = {call.user().name, ""};
  if (call.request().headers.find("X-Loam-Shared") != nullptr) {
    const std::vector<std::string> all = server.memory.home()->users();
    users.insert(users.end(), all.begin(), all.end());
  }
  server.models.forget(users);
  forget_kept_pages(server.memory.home()->folder(), users);
}

void ask_memory(const ServerContext& server, const MemoryOperation& operation, Call& call) {
  const auto memory = asked_memory(server, call);
  const bool is_get = call.request().method != "POST";
  const Json arguments = is_get ? arguments_of_query(call.request().query, operation.arguments) : call.json();
  Json answer = call_memory(*memory, operation.name, arguments);
  if (operation.name == "stats") answer["user"] = server.memory.name_of(call.user(), call.request());
  if (answer.value("forgotten", int64_t{0}) > 0) forget_prompts(server, call);
  call.reply_json(200, answer);
}

// What goes out, as lines.
void export_memory(const ServerContext& server, Call& call) {
  const auto memory = asked_memory(server, call);
  ExportRequest request;
  read_fields(arguments_of_query(call.request().query, export_fields()), export_fields(), request);
  HttpExchange& exchange = call.exchange();
  exchange.begin({.status = 200, .content_type = "application/jsonl", .headers = {}});
  std::string lines;
  export_memory(memory->turns(), request, [&](std::string_view line) {
    lines += line;
    if (lines.size() < kBytesAtOnce) return;
    exchange.wait_for_client();
    exchange.write(std::exchange(lines, {}));
  });
  exchange.wait_for_client();
  exchange.write(lines);
  exchange.end();
}

}  // namespace

std::vector<Route> memory_routes(const ServerContext& server) {
  std::vector<Route> routes = {
      {"GET", "/v1/memory/export", Role::user, [server](Call& call) { export_memory(server, call); }}};
  for (const MemoryOperation& operation : memory_operations()) {
    const auto handler = [server, &operation](Call& call) { ask_memory(server, operation, call); };
    const std::string path = "/v1/memory/" + std::string(operation.name);
    if (!operation.changes) routes.push_back({"GET", path, Role::user, handler});
    routes.push_back({"POST", path, Role::user, handler});
  }
  return routes;
}

}  // namespace loam
