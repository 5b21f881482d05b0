// A model's tokenizer, in the forms of llama-server ("content") and of vLLM ("prompt", /tokenizer_info): lm-eval asks
// for the latter.
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "server/routes/openai_common.h"
#include "server/routes/routes.h"

namespace loam {
namespace {

using namespace schema;

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

// {"content", "add_special"?, "parse_special"?, "with_pieces"?}, or {"prompt", "add_special_tokens"?}, whose special
// tokens are parsed → {"tokens", "count", "max_model_len"}
void tokenize(Call& call, const std::shared_ptr<ServedModel>& model) {
  const Json& body = call.json();
  const bool is_prompt = body.is_object() && body.contains("prompt");
  const std::string text = required(body, is_prompt ? "prompt" : "content", string());
  const Tokenizer& tokenizer = model->tokenizer();
  const auto tokens =
      tokenizer.encode(text, {.special = flag(body, "parse_special", is_prompt),
                              .add_special = flag(body, is_prompt ? "add_special_tokens" : "add_special", is_prompt)});
  Json list = Json::array();
  for (const Token token : tokens) {
    if (flag(body, "with_pieces", false))
      list.push_back({{"id", token}, {"piece", token_text(tokenizer, token)}});
    else
      list.push_back(token);
  }
  call.reply_json(200, {{"tokens", std::move(list)}, {"count", tokens.size()}, {"max_model_len", model->context()}});
}

// {"tokens"} → {"content", "prompt"}: the same text twice
void detokenize(Call& call, const std::shared_ptr<ServedModel>& model) {
  const Tokenizer& tokenizer = model->tokenizer();
  const Json& ids = required(call.json(), "tokens", array(integer(0, tokenizer.n_vocab() - 1), 4 << 20));
  std::vector<Token> tokens;
  for (const Json& id : ids) tokens.push_back(static_cast<Token>(to_integer(id)));
  const std::string text = sanitize_utf8(tokenizer.decode(tokens, true));
  call.reply_json(200, {{"content", text}, {"prompt", text}});
}

void tokenizer_info(Call& call, const std::shared_ptr<ServedModel>& model) {
  const Tokenizer& tokenizer = model->tokenizer();
  const auto text = [&](Token token) { return token < 0 ? Json() : Json(token_text(tokenizer, token)); };
  Json body = {{"tokenizer_class", tokenizer.kind()},
               {"bos_token", text(tokenizer.bos())},
               {"eos_token", text(tokenizer.eos())},
               {"pad_token", text(tokenizer.padding())},
               {"unk_token", text(tokenizer.unknown())},
               {"model_max_length", model->context()},
               {"chat_template", nullptr}};
  if (model->has_chat()) body["chat_template"] = model->engine().chat_template().source();
  call.reply_json(200, body);
}

}  // namespace

std::vector<Route> tokenizer_routes(const ServerContext& server) {
  return {model_route(server, "POST", "/tokenize", tokenize), model_route(server, "POST", "/detokenize", detokenize),
          model_route(server, "GET", "/tokenizer_info", tokenizer_info)};
}

}  // namespace loam
