// GET /v1/models: the models and profiles that requests may name.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/models/model_manager.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

// display_name, type, created_at and lifecycle are what Anthropic's library reads.
Json model_json(const std::string& name, int64_t since) {
  return {{"id", name},
          {"object", "model"},
          {"created", since},
          {"owned_by", "loam"},
          {"type", "model"},
          {"display_name", name},
          {"created_at", rfc3339(since)},
          {"lifecycle", "active"}};
}

void list_models(const ServerContext& server, Call& call) {
  Json data = Json::array();
  const std::vector<ModelStatus> loaded = server.models.status();
  for (const std::string& name : server.models.names()) {
    data.push_back(model_json(name, server.started));
    const std::string model = server.models.resolve(name).model;
    const auto found = std::ranges::find(loaded, model, &ModelStatus::name);
    if (found != loaded.end() && found->model) data.back()["context_length"] = found->model->context();
  }
  Json body = {{"object", "list"}, {"data", data}, {"has_more", false}};
  body["first_id"] = data.empty() ? Json() : data.front()["id"];
  body["last_id"] = data.empty() ? Json() : data.back()["id"];
  call.reply_json(200, body);
}

void show_model(const ServerContext& server, Call& call) {
  const std::string& name = call.parameter("id");
  server.models.resolve(name);  // Error(not_found)
  call.reply_json(200, model_json(name, server.started));
}

}  // namespace

std::vector<Route> model_routes(const ServerContext& server) {
  return {{"GET", "/v1/models", Role::user, [server](Call& call) { list_models(server, call); }},
          {"GET", "/v1/models/{id...}", Role::user, [server](Call& call) { show_model(server, call); }}};
}

}  // namespace loam
