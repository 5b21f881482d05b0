#include <nlohmann/json.hpp>

#include "server/routes/routes.h"

namespace loam {
namespace {

std::string model_name(const Json& body) {
  const auto found = body.is_object() ? body.find("model") : body.end();
  if (found == body.end() || found->is_null()) return "";
  check_value(*found, schema::string(1024), "model");
  return *found;
}

}  // namespace

Route model_route(const ServerContext& server, const char* method, const char* path,
                  std::function<void(Call&, const std::shared_ptr<ServedModel>&)> handler) {
  return {method, path, Role::user, [server, handler = std::move(handler)](Call& call) {
            const std::string name = call.request().method == "POST" ? model_name(call.json()) : "";
            with_model(server, call, name, {}, handler);
          }};
}

}  // namespace loam
