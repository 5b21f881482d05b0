#include "server/routes/ollama_input.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/models/settings.h"
#include "server/routes/openai_tools.h"

namespace loam {
namespace {

using namespace schema;
using R = GenerationRequest;

// Names of Ollama's own; the samplers have the names that all APIs share. Others (num_gpu, num_thread, …) are this
// server's own affair.
const Parameters& option_parameters() {
  static const Parameters own = {
      {"num_predict", "most tokens of the answer; -1 is as many as fit", integer(-2, INT32_MAX),
       [](const Json& v, R& r) { r.sampling.max_tokens = std::max<int64_t>(-1, to_integer(v)); }},
      {"num_ctx", "most tokens that prompt and answer may hold together", integer(1, INT32_MAX),
       [](const Json& v, R& r) { r.context = to_integer(v); }},
  };
  static const Parameters table = joined({&own, &sampling_parameters()});
  return table;
}

void read_options(const Json& value, R& request) { read_fields(value, option_parameters(), request, "options."); }

// "json", "" for none, or a schema.
void read_format(const Json& value, R& request) {
  using Kind = OutputShape::Kind;
  if (value == "json") return set_shape(request, {.kind = Kind::json_object}, "format");
  if (value.is_object()) return set_shape(request, {.kind = Kind::json_schema, .schema = value}, "format");
  if (value != "")
    throw Error(Error::Code::invalid, fmt::format("format is {}; expected \"json\" or a JSON schema", shown(value)),
                "format");
}

void read_think(const Json& value, R& request) {
  if (value.is_boolean()) {
    request.chat.thinking = value.get<bool>();
    return;
  }
  request.chat.thinking = true;
  request.chat.reasoning_effort = value;
}

// Calls have no ids there: those of one message and the tool messages behind it go by order.
class CallIds {
 public:
  void name_calls(Json& message) {
    n_answered_ = n_named_;
    if (!message.contains("tool_calls") || !message["tool_calls"].is_array()) return;
    for (Json& call : message["tool_calls"])
      if (call.is_object() && !call.contains("id")) {
        call["id"] = fmt::format("call_{}", n_named_++);
        call["type"] = "function";
      }
  }
  void name_result(Json& message) {
    if (!message.contains("tool_call_id")) message["tool_call_id"] = fmt::format("call_{}", n_answered_++);
    if (message.contains("tool_name") && !message.contains("name")) message["name"] = message["tool_name"];
  }

 private:
  int n_named_ = 0, n_answered_ = 0;
};

void read_ollama_messages(const Json& value, R& request) {
  Json messages = value;
  CallIds ids;
  for (size_t i = 0; i < messages.size(); ++i) {
    Json& message = messages[i];
    if (message.contains("images") && !message["images"].empty())
      throw Error(Error::Code::unsupported, "this server reads text, no images", fmt::format("messages[{}].images", i));
    if (message.contains("thinking")) message["reasoning_content"] = message["thinking"];
    if (message.value("role", Json()) == "assistant") ids.name_calls(message);
    if (message.value("role", Json()) == "tool") ids.name_result(message);
  }
  request.conversation["messages"] = std::move(messages);
}

const Parameters& shared_parameters() {
  static const Parameters table = {
      {"model", "a model's or profile's name", string(1024), [](const Json& v, R& r) { r.model = v; }, true},
      {"stream", "give the answer piece by piece, a line of JSON each; true unless given", boolean(),
       [](const Json& v, R& r) { r.stream = v; }},
      {"format", "json, or a schema that the answer will fit", either({string(), object()}), read_format},
      {"options", "num_predict, num_ctx and samplers", object(), read_options},
      {"think", "whether the model reasons, or how much", either({boolean(), one_of({"low", "medium", "high"})}),
       read_think},
      {"keep_alive", "how long the model stays loaded afterwards", either({number(-1e9, 1e9), string(32)}),
       [](const Json&, R&) {}},
  };
  return table;
}

Parameters make_chat() {
  const Parameters own = {
      {"messages", "the conversation so far", array(object(), kMaxMessages), read_ollama_messages, true},
  };
  return joined({&shared_parameters(), &own, &tools_parameters(), &tool_choice_parameters(), &engine_parameters(),
                 &memory_parameters()});
}

void add_message(R& request, const char* role, const Json& text) {
  Json& messages = request.conversation["messages"];
  if (!messages.is_array()) messages = Json::array();
  messages.push_back({{"role", role}, {"content", text}});
}

Parameters make_generate() {
  const Parameters own = {
      {"system", "instructions", string(),
       [](const Json& v, R& r) {
         if (v != "") add_message(r, "system", v);
       }},
      {"prompt", "the message to answer, or with raw the text to go on with", string(),
       [](const Json& v, R& r) {
         if (v != "") add_message(r, "user", v);
       }},
  };
  return joined({&shared_parameters(), &own, &engine_parameters(), &memory_parameters()});
}

}  // namespace

const Parameters& ollama_chat_parameters() {
  static const Parameters table = make_chat();
  return table;
}

const Parameters& ollama_generate_parameters() {
  static const Parameters table = make_generate();
  return table;
}

std::optional<std::chrono::seconds> ollama_keep_alive(const Json& body) {
  const auto found = body.find("keep_alive");
  if (found == body.end() || found->is_null()) return std::nullopt;
  return parse_duration(*found, "keep_alive");
}

}  // namespace loam
