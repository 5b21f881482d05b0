#include "server/routes/responses_input.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/routes/openai_tools.h"

namespace loam {
namespace {

using namespace schema;
using R = GenerationRequest;

constexpr size_t kMaxItems = 100'000;

// A string, or parts of text joined.
std::string text_of_parts(const Json& content, const std::string& where) {
  if (content.is_string()) return content;
  check_value(content, array(object(), kMaxItems), where);
  std::string text;
  for (size_t i = 0; i < content.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", where, i);
    const std::string type = member(content[i], "type", string(), place);
    if (type == "refusal") continue;
    if (type != "input_text" && type != "output_text" && type != "reasoning_text" && type != "summary_text" &&
        type != "text")
      throw Error(Error::Code::unsupported, fmt::format("{} is of type {}; this server reads text", place, shown(type)),
                  place);
    text += member(content[i], "text", string(), place).get_ref<const std::string&>();
  }
  return text;
}

// Items one after another; an assistant's reasoning, text and calls make one message.
class ItemReader {
 public:
  Json read(const Json& items) {
    for (size_t i = 0; i < items.size(); ++i) read_item(items[i], fmt::format("input[{}]", i));
    return std::move(messages_);
  }

 private:
  void read_item(const Json& item, const std::string& where) {
    const std::string type =
        item.contains("type") ? member(item, "type", string(), where).get<std::string>() : "message";
    if (type == "message") return read_message(item, where);
    if (type == "function_call") return read_call(item, where);
    if (type == "reasoning") {
      if (item.contains("content") && item["content"].is_array())
        assistant()["reasoning_content"] = text_of_parts(item["content"], where + ".content");
      return;
    }
    if (type != "function_call_output")
      throw Error(Error::Code::unsupported,
                  fmt::format("{} is of type {}; this server reads message, reasoning, function_call and "
                              "function_call_output",
                              where, shown(type)),
                  where);
    messages_.push_back({{"role", "tool"},
                         {"tool_call_id", member(item, "call_id", string(), where)},
                         {"content", text_of_parts(member(item, "output", any(), where), where + ".output")}});
  }

  void read_message(const Json& item, const std::string& where) {
    const Json& role = member(item, "role", one_of({"user", "assistant", "system", "developer"}), where);
    const std::string text = text_of_parts(member(item, "content", any(), where), where + ".content");
    if (role == "assistant")
      assistant()["content"] = text;
    else
      messages_.push_back({{"role", role}, {"content", text}});
  }

  void read_call(const Json& item, const std::string& where) {
    assistant()["tool_calls"].push_back({{"id", member(item, "call_id", string(), where)},
                                         {"type", "function"},
                                         {"function",
                                          {{"name", member(item, "name", string(), where)},
                                           {"arguments", member(item, "arguments", string(), where)}}}});
  }

  Json& assistant() {
    if (messages_.empty() || messages_.back()["role"] != "assistant")
      messages_.push_back({{"role", "assistant"}, {"content", ""}});
    return messages_.back();
  }

  Json messages_ = Json::array();
};

Json& messages_of(R& request) {
  Json& messages = request.conversation["messages"];
  if (!messages.is_array()) messages = Json::array();
  return messages;
}

void read_input(const Json& value, R& request) {
  Json& messages = messages_of(request);
  if (value.is_string())
    messages.push_back({{"role", "user"}, {"content", value}});
  else
    for (Json& message : ItemReader().read(value)) messages.push_back(std::move(message));
}

void read_instructions(const Json& value, R& request) {
  Json& messages = messages_of(request);
  messages.insert(messages.begin(), Json{{"role", "system"}, {"content", value}});
}

// {"type": "function", "name", "parameters"}: the function's members stand beside the type.
void read_responses_tools(const Json& value, R& request) {
  Json tools = Json::array();
  for (size_t i = 0; i < value.size(); ++i) {
    const std::string where = fmt::format("tools[{}]", i);
    if (member(value[i], "type", string(), where) != "function")
      throw Error(Error::Code::unsupported,
                  fmt::format("{} is of type {}; this server has functions only", where, shown(value[i]["type"])),
                  where);
    Json function = value[i];
    function.erase("type");
    tools.push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  if (!tools.empty()) request.conversation["tools"] = std::move(tools);
}

// {"format": {"type": "text" | "json_object" | "json_schema", "schema"}}
void read_text(const Json& value, R& request) {
  using Kind = OutputShape::Kind;
  const auto format = value.find("format");
  if (format == value.end() || format->is_null()) return;
  check_value(*format, object(), "text.format");
  const Json& type = member(*format, "type", one_of({"text", "json_object", "json_schema"}), "text.format");
  if (type == "json_object") set_shape(request, {.kind = Kind::json_object}, "text.format");
  if (type == "json_schema")
    set_shape(request, {.kind = Kind::json_schema, .schema = member(*format, "schema", object(), "text.format")},
              "text.format");
}

void read_reasoning(const Json& value, R& request) {
  const auto effort = value.find("effort");
  if (effort == value.end() || effort->is_null()) return;
  check_value(*effort, one_of({"none", "minimal", "low", "medium", "high", "xhigh", "max"}), "reasoning.effort");
  if (*effort == "none") request.chat.thinking = false;
  if (*effort != "none") request.chat.reasoning_effort = *effort;
}

Parameters make_responses_parameters() {
  const Parameters own = {
      {"model", "a model's or profile's name", string(1024), [](const Json& v, R& r) { r.model = v; }},
      {"input", "a message, or the items of the conversation so far", either({string(), array(object(), kMaxItems, 1)}),
       read_input, true},
      {"instructions", "the system message", string(), read_instructions},
      {"previous_response_id", "the answer that this request goes on from", string(128), [](const Json&, R&) {}},
      {"store", "keep the answer, so that a later request can go on from it; true unless given", boolean(),
       [](const Json&, R&) {}},
      {"stream", "send the answer piece by piece, as server-sent events", boolean(),
       [](const Json& v, R& r) { r.stream = v; }},
      {"max_output_tokens", "most tokens of the answer", integer(1, INT32_MAX), read_max_tokens},
      {"tools", "functions that the model may call", array(object(), kMaxTools), read_responses_tools},
      {"text", "format: text, json_object, or json_schema with a schema that the answer will fit", object(), read_text},
      {"reasoning", "effort: how much the model reasons", object(), read_reasoning},
      {"top_logprobs", "tell the log-probabilities of so many tokens in each place", integer(0, 20),
       [](const Json& v, R& r) { r.sampling.logprobs = static_cast<int>(to_integer(v)); }},
  };
  return joined({&own, &tool_choice_parameters(), &sampling_parameters(), &engine_parameters(), &memory_parameters()});
}

}  // namespace

Json messages_of_items(const Json& items) { return ItemReader().read(items); }

const Parameters& responses_parameters() {
  static const Parameters table = make_responses_parameters();
  return table;
}

}  // namespace loam
