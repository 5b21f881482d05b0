#include "server/routes/anthropic_input.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace loam {
namespace {

using namespace schema;

constexpr size_t kMaxStops = 16, kMaxStopBytes = 1024;

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  throw Error(Error::Code::invalid, where + " " + message, where);
}

// A string, or blocks of text joined.
std::string text_of_blocks(const Json& content, const std::string& where) {
  if (content.is_string()) return content;
  if (content.is_null()) return "";
  check_value(content, array(object(), kMaxMessages), where);
  std::string text;
  for (size_t i = 0; i < content.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", where, i);
    const Json& type = member(content[i], "type", string(), place);
    if (type != "text") fail(place, fmt::format("is of type {}; this server reads text", shown(type)));
    text += member(content[i], "text", string(), place).get_ref<const std::string&>();
  }
  return text;
}

// One message of Anthropic's becomes an assistant's message, or a user's behind the results of tools.
class MessageReader {
 public:
  explicit MessageReader(Json& out) : out_(out) {}

  void read(const Json& message, const std::string& where) {
    const std::string role = member(message, "role", one_of({"user", "assistant", "system"}), where);
    const Json& content = member(message, "content", either({string(), array(object(), kMaxMessages)}), where);
    message_ = {{"role", role}, {"content", ""}};
    if (content.is_string()) {
      message_["content"] = content;
      return out_.push_back(std::move(message_));
    }
    for (size_t i = 0; i < content.size(); ++i) read_block(content[i], fmt::format("{}.content[{}]", where, i));
    if (message_["content"] != "" || message_.contains("tool_calls") || message_.contains("reasoning_content"))
      out_.push_back(std::move(message_));
  }

 private:
  void read_block(const Json& block, const std::string& where) {
    const std::string type = member(block, "type", string(), where);
    if (type == "text") {
      message_["content"].get_ref<std::string&>() += member(block, "text", string(), where).get<std::string>();
    } else if (type == "thinking") {
      message_["reasoning_content"] = member(block, "thinking", string(), where);
    } else if (type == "tool_use") {
      message_["tool_calls"].push_back(call_of(block, where));
    } else if (type == "tool_result") {
      const auto content = block.find("content");
      out_.push_back({{"role", "tool"},
                      {"tool_call_id", member(block, "tool_use_id", string(), where)},
                      {"content", content == block.end() ? "" : text_of_blocks(*content, where + ".content")}});
    } else if (type != "redacted_thinking") {
      fail(where,
           fmt::format("is of type {}; this server reads text, thinking, tool_use and tool_result", shown(type)));
    }
  }

  static Json call_of(const Json& block, const std::string& where) {
    return {{"id", member(block, "id", string(), where)},
            {"type", "function"},
            {"function",
             {{"name", member(block, "name", string(), where)},
              {"arguments",
               member(block, "input", object(), where).dump(-1, ' ', false, Json::error_handler_t::replace)}}}};
  }

  Json& out_;
  Json message_;
};

void read_anthropic_messages(const Json& value, GenerationRequest& request) {
  Json messages = Json::array();
  MessageReader reader(messages);
  for (size_t i = 0; i < value.size(); ++i) reader.read(value[i], fmt::format("messages[{}]", i));
  Json& held = request.conversation["messages"];
  if (!held.is_array()) held = Json::array();
  for (Json& message : messages) held.push_back(std::move(message));
}

void read_system(const Json& value, GenerationRequest& request) {
  const std::string text = text_of_blocks(value, "system");
  Json& messages = request.conversation["messages"];
  if (!messages.is_array()) messages = Json::array();
  if (!text.empty()) messages.insert(messages.begin(), Json{{"role", "system"}, {"content", text}});
}

void read_anthropic_tools(const Json& value, GenerationRequest& request) {
  Json tools = Json::array();
  for (size_t i = 0; i < value.size(); ++i) {
    const std::string where = fmt::format("tools[{}]", i);
    Json function = {{"name", member(value[i], "name", string(), where)}};
    if (value[i].contains("description")) function["description"] = member(value[i], "description", string(), where);
    if (value[i].contains("strict")) function["strict"] = member(value[i], "strict", boolean(), where);
    function["parameters"] = member(value[i], "input_schema", object(), where);
    tools.push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  if (!tools.empty()) request.conversation["tools"] = std::move(tools);
}

void read_anthropic_tool_choice(const Json& value, GenerationRequest& request) {
  const Json& type = member(value, "type", one_of({"auto", "any", "tool", "none"}), "tool_choice");
  if (type == "any") request.chat.tool_choice = ToolChoice::required;
  if (type == "none") request.chat.tool_choice = ToolChoice::none;
  if (type == "tool") {
    request.chat.tool_choice = ToolChoice::named;
    request.chat.tool_name = member(value, "name", string(), "tool_choice");
  }
  if (value.contains("disable_parallel_tool_use"))
    request.chat.parallel_tool_calls =
        !member(value, "disable_parallel_tool_use", boolean(), "tool_choice").get<bool>();
}

void read_thinking(const Json& value, GenerationRequest& request) {
  const Json& type = member(value, "type", one_of({"enabled", "disabled", "adaptive"}), "thinking");
  request.chat.thinking = type != "disabled";
  if (type == "enabled" && value.contains("budget_tokens"))
    request.chat.thinking_budget = to_integer(member(value, "budget_tokens", integer(1, INT32_MAX), "thinking"));
}

Parameters make_anthropic_parameters() {
  using R = GenerationRequest;
  const Parameters own = {
      {"model", "a model's or profile's name", string(1024), [](const Json& v, R& r) { r.model = v; }},
      {"messages", "the conversation so far", array(object(), kMaxMessages, 1), read_anthropic_messages, true},
      {"system", "instructions", either({string(), array(object(), kMaxMessages)}), read_system},
      {"max_tokens", "most tokens of the answer", integer(1, INT32_MAX), read_max_tokens, true},
      {"stream", "send the answer piece by piece, as server-sent events", boolean(),
       [](const Json& v, R& r) { r.stream = v; }},
      {"stop_sequences", "texts that end the answer, which does not hold them", array(string(kMaxStopBytes), kMaxStops),
       [](const Json& v, R& r) { v.get_to(r.sampling.stop); }},
      {"tools", "tools that the model may use", array(object(), kMaxTools), read_anthropic_tools},
      {"tool_choice", "auto, any, none, or the one tool to use", object(), read_anthropic_tool_choice},
      {"thinking", "whether the model reasons, and the most tokens of it", object(), read_thinking},
  };
  return joined({&own, &sampling_parameters(), &engine_parameters(), &memory_parameters()});
}

}  // namespace

const Parameters& anthropic_parameters() {
  static const Parameters table = make_anthropic_parameters();
  return table;
}

}  // namespace loam
