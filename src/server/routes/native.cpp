// loam's own endpoints, by the names and shapes that llama-server's users know: /health, /props, /slots, /tokenize,
// /detokenize, /apply-template.
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "server/models/model_manager.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

using namespace schema;

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

bool flag(const Json& body, const char* name, bool otherwise) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return otherwise;
  check_value(*found, boolean(), name);
  return *found;
}

const Json& required(const Json& body, const char* name, const Json& schema) {
  const auto found = body.is_object() ? body.find(name) : body.end();
  if (found == body.end()) throw Error(Error::Code::invalid, std::string(name) + " is missing", name);
  check_value(*found, schema, name);
  return *found;
}

std::string model_name(const Json& body) {
  const auto found = body.is_object() ? body.find("model") : body.end();
  if (found == body.end() || found->is_null()) return "";
  check_value(*found, string(1024), "model");
  return *found;
}

// {"content", "add_special"?, "parse_special"?, "with_pieces"?} → {"tokens"}
void tokenize(Call& call, const std::shared_ptr<ServedModel>& model) {
  const Json& body = call.json();
  const std::string text = required(body, "content", string());
  const Tokenizer& tokenizer = model->engine().tokenizer();
  const auto tokens = tokenizer.encode(
      text, {.special = flag(body, "parse_special", false), .add_special = flag(body, "add_special", false)});
  Json list = Json::array();
  for (const Token token : tokens) {
    if (flag(body, "with_pieces", false))
      list.push_back({{"id", token}, {"piece", token_text(tokenizer, token)}});
    else
      list.push_back(token);
  }
  call.reply_json(200, {{"tokens", std::move(list)}});
}

// {"tokens"} → {"content"}
void detokenize(Call& call, const std::shared_ptr<ServedModel>& model) {
  const Tokenizer& tokenizer = model->engine().tokenizer();
  const Json& ids = required(call.json(), "tokens", array(integer(0, tokenizer.n_vocab() - 1), 4 << 20));
  std::vector<Token> tokens;
  for (const Json& id : ids) tokens.push_back(static_cast<Token>(to_integer(id)));
  call.reply_json(200, {{"content", sanitize_utf8(tokenizer.decode(tokens, true))}});
}

// A chat completion's body → {"prompt"}
void apply_template(const ServerContext& server, Call& call, const std::shared_ptr<ServedModel>& model) {
  GenerationRequest request;
  read_request(server, call.json(), chat_completion_parameters(), request);
  const ChatTurn turn = model->chat().begin(request.conversation, request.chat);
  call.reply_json(200, {{"prompt", sanitize_utf8(model->engine().tokenizer().decode(turn.prompt, true))}});
}

using Use = std::function<void(Call&, const std::shared_ptr<ServedModel>&)>;

Route model_route(const ServerContext& server, const char* method, const char* path, Use use) {
  return {method, path, Role::user, [server, use = std::move(use)](Call& call) {
            const std::string name = call.request().method == "POST" ? model_name(call.json()) : "";
            with_model(server, call, name, {}, use);
          }};
}

}  // namespace

std::vector<Route> native_routes(const ServerContext& server) {
  const auto apply = [server](Call& call, const auto& model) { apply_template(server, call, model); };
  Route liveness{"GET", "/health", Role::none, [server](Call& call) { health(server, call); }};
  liveness.quick = true;
  return {liveness,
          model_route(server, "GET", "/props", props),
          {"GET", "/slots", Role::admin, [server](Call& call) { slots(server, call); }},
          model_route(server, "POST", "/tokenize", tokenize),
          model_route(server, "POST", "/detokenize", detokenize),
          model_route(server, "POST", "/apply-template", apply)};
}

}  // namespace loam
