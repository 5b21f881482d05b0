// /v1/memory/NAME: what a user's own memory holds. GET takes its arguments from the query, POST from a JSON object.
#include <charconv>
#include <nlohmann/json.hpp>

#include "memory/transfer/export.h"
#include "server/http/target.h"
#include "server/memory/memory_api.h"
#include "server/memory/memory_service.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

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

Json arguments_of_query(const std::string& query, const Fields<MemoryArguments>& table) {
  Json arguments = Json::object();
  for (const auto& [name, value] : parse_query(query)) {
    const auto field = std::ranges::find(table, std::string_view(name), &Field<MemoryArguments>::name);
    if (field != table.end()) arguments[name] = typed(value, field->schema);
  }
  return arguments;
}

void ask_memory(const ServerContext& server, const MemoryOperation& operation, Call& call) {
  const auto memory = server.memory.of(call.user(), call.request());
  if (!memory) throw HttpError(404, "this server remembers nothing (it was started with --no-remember)", "not_found");
  const bool is_get = call.request().method != "POST";
  const Json arguments = is_get ? arguments_of_query(call.request().query, operation.arguments) : call.json();
  call.reply_json(200, call_memory(*memory, operation.name, arguments));
}

// All turns, a line of JSON each, as they are read; `loam memory import` takes them.
void export_memory(const ServerContext& server, Call& call) {
  const auto memory = server.memory.of(call.user(), call.request());
  if (!memory) throw HttpError(404, "this server remembers nothing (it was started with --no-remember)", "not_found");
  HttpExchange& exchange = call.exchange();
  exchange.begin({.status = 200, .content_type = "application/jsonl", .headers = {}});
  export_turns(memory->turns(), {}, [&](std::string_view line) { exchange.write(line); });
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
