// loam's own endpoints, by the names and shapes that llama-server's users know: /health, /props, /slots,
// /apply-template.
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "server/models/model_manager.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

const char* state_name(ModelStatus::State state) {
  switch (state) {
    case ModelStatus::State::unloaded: return "unloaded";
    case ModelStatus::State::loading: return "loading";
    case ModelStatus::State::ready: return "ready";
    default: return "failed";
  }
}

Json health_json(const ModelStatus& status) {
  Json json = {{"name", status.name}, {"status", state_name(status.state)}};
  if (status.state == ModelStatus::State::loading) json["progress"] = status.progress;
  if (status.state == ModelStatus::State::failed) json["error"] = status.error;
  return json;
}

// Without a key it only says that the server is there.
void health(const ServerContext& server, Call& call) {
  const std::vector<ModelStatus> models = server.models.status();
  const bool loading =
      std::ranges::any_of(models, [](const auto& m) { return m.state == ModelStatus::State::loading; });
  Json body = {{"status", loading ? "loading" : "ok"}};
  if (call.user().role != Role::none)
    for (const ModelStatus& status : models) body["models"].push_back(health_json(status));
  call.reply_json(200, body);
}

void props(Call& call, const std::shared_ptr<ServedModel>& model) {
  const Engine& engine = model->engine();
  Json body = {{"model", model->name()},
               {"architecture", engine.model().config().arch},
               {"total_slots", model->settings().engine.parallel},
               {"default_generation_settings", {{"n_ctx", engine.context()}}},
               {"trained_context", engine.model().config().context_length},
               {"chat_template", nullptr},
               {"chat_format", nullptr},
               {"bos_token", token_text(engine.tokenizer(), std::max(0, engine.tokenizer().bos()))},
               {"eos_token", token_text(engine.tokenizer(), std::max(0, engine.tokenizer().eos()))},
               {"modalities", {{"vision", false}, {"audio", false}}}};
  if (model->has_chat()) {
    body["chat_template"] = engine.chat_template().source();
    body["chat_format"] = model->chat().format().name;
  }
  call.reply_json(200, body);
}

void slots(const ServerContext& server, Call& call) {
  Json body = Json::array();
  for (const ModelStatus& status : server.models.status())
    body.push_back({{"model", status.name}, {"running", status.counts.running}, {"waiting", status.counts.waiting}});
  call.reply_json(200, body);
}

// A chat completion's body → {"prompt"}
void apply_template(const ServerContext& server, Call& call, const std::shared_ptr<ServedModel>& model) {
  GenerationRequest request;
  read_request(server, call.json(), chat_completion_parameters(), request);
  const ChatTurn turn = model->chat().begin(request.conversation, request.chat);
  call.reply_json(200, {{"prompt", sanitize_utf8(model->engine().tokenizer().decode(turn.prompt, true))}});
}

}  // namespace

std::vector<Route> native_routes(const ServerContext& server) {
  const auto apply = [server](Call& call, const auto& model) { apply_template(server, call, model); };
  Route liveness{"GET", "/health", Role::none, [server](Call& call) { health(server, call); }};
  liveness.quick = true;
  return {liveness,
          model_route(server, "GET", "/props", props),
          {"GET", "/slots", Role::admin, [server](Call& call) { slots(server, call); }},
          model_route(server, "POST", "/apply-template", apply)};
}

}  // namespace loam
