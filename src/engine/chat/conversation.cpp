#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "engine/chat/conversation.h"
#include "engine/chat/json_depth.h"
#include "engine/chat/tool_set.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxMessageDepth = 64;

[[noreturn]] void refuse_message(const std::string& message, const std::string& where) {
  throw Error(Error::Code::invalid, message, where);
}

std::string text_of_part(const Json& part, const std::string& where) {
  if (part.is_string()) return part.get<std::string>();
  const auto type = part.is_object() ? part.find("type") : part.end();
  const auto text = part.is_object() ? part.find("text") : part.end();
  if (!part.is_object() || text == part.end() || !text->is_string())
    refuse_message(type != part.end() && type->is_string()
                       ? fmt::format("content of type \"{}\" is not supported; text is", type->get<std::string>())
                       : R"(a part of the content is {"type": "text", "text": …})",
                   where);
  return text->get<std::string>();
}

// A string, null or parts of type text.
std::string text_of(const Json& message, const std::string& where) {
  const auto content = message.find("content");
  if (content == message.end() || content->is_null()) return "";
  if (content->is_string()) return content->get<std::string>();
  if (!content->is_array()) refuse_message("content is a string, null or a list of parts", where + ".content");
  std::string text;
  for (size_t i = 0; i < content->size(); ++i) {
    if (i > 0) text += '\n';
    text += text_of_part((*content)[i], fmt::format("{}.content[{}]", where, i));
  }
  return text;
}

// The object that it is, or that its text holds. A call that was cut off once must not end a conversation for good.
Json arguments_of(const Json& function) {
  const auto arguments = function.find("arguments");
  if (arguments == function.end() || arguments->is_null()) return Json::object();
  if (arguments->is_object()) return *arguments;
  if (!arguments->is_string()) return {{"value", *arguments}};
  const auto& text = arguments->get_ref<const std::string&>();
  if (text.empty()) return Json::object();
  Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_object() && !is_deeper(parsed, kMaxMessageDepth) ? parsed : Json{{"text", text}};
}

Json checked_call(const Json& call, const std::string& where) {
  const auto function = call.is_object() ? call.find("function") : call.end();
  if (!call.is_object() || function == call.end() || !function->is_object())
    refuse_message(R"(a tool call is {"id": …, "type": "function", "function": {"name": …, "arguments": …}})", where);
  const auto name = function->find("name");
  if (name == function->end() || !name->is_string())
    refuse_message("a tool call names its tool", where + ".function.name");
  const auto id = call.find("id");
  const Json checked = {{"name", *name}, {"arguments", arguments_of(*function)}};
  return {{"id", id != call.end() && id->is_string() ? *id : Json("")}, {"type", "function"}, {"function", checked}};
}

class MessageChecker {
 public:
  Json check(const Json& message, const std::string& where) {
    if (!message.is_object()) refuse_message(R"(a message is {"role": …, "content": …})", where);
    if (is_deeper(message, kMaxMessageDepth))
      refuse_message(fmt::format("the message nests deeper than {}", kMaxMessageDepth), where);
    const auto role = message.find("role");
    const std::string name = role != message.end() && role->is_string() ? role->get<std::string>() : "";
    Json checked = {{"role", name == "developer" ? "system" : name}, {"content", text_of(message, where)}};
    if (name == "assistant") return add_assistants(std::move(checked), message, where);
    if (name == "tool") return add_results(std::move(checked), message, where);
    if (name != "system" && name != "developer" && name != "user")
      refuse_message("a role is system, developer, user, assistant or tool", where + ".role");
    return checked;
  }

 private:
  Json add_assistants(Json checked, const Json& message, const std::string& where) {
    for (const char* key : {"reasoning_content", "reasoning", "thinking"}) {
      const auto reasoning = message.find(key);
      if (reasoning == message.end() || !reasoning->is_string() || reasoning->get_ref<const std::string&>().empty())
        continue;
      checked["reasoning_content"] = *reasoning;
      break;
    }
    const auto calls = message.find("tool_calls");
    if (calls == message.end() || calls->is_null() || calls->empty()) return checked;
    if (!calls->is_array()) refuse_message("tool_calls is a list", where + ".tool_calls");
    for (size_t i = 0; i < calls->size(); ++i) {
      Json call = checked_call((*calls)[i], fmt::format("{}.tool_calls[{}]", where, i));
      names_[call["id"]] = call["function"]["name"];
      checked["tool_calls"].push_back(std::move(call));
    }
    return checked;
  }

  Json add_results(Json checked, const Json& message, const std::string& where) const {
    const auto id = message.find("tool_call_id");
    if (id != message.end() && !id->is_null() && !id->is_string())
      refuse_message("tool_call_id is a string", where + ".tool_call_id");
    checked["tool_call_id"] = id != message.end() && id->is_string() ? *id : Json("");
    const auto called = names_.find(checked["tool_call_id"].get<std::string>());
    const auto name = message.find("name");
    if (name != message.end() && name->is_string()) {
      checked["name"] = *name;
    } else {
      checked["name"] = called == names_.end() ? "" : called->second;
    }
    return checked;
  }

  std::map<std::string, std::string> names_;  // id of a call → its tool
};

}  // namespace

Json checked_messages(const Json& messages) {
  if (!messages.is_array() || messages.empty())
    refuse_message("messages is a list of at least one message", "messages");
  Json checked = Json::array();
  MessageChecker checker;
  for (size_t i = 0; i < messages.size(); ++i)
    checked.push_back(checker.check(messages[i], fmt::format("messages[{}]", i)));
  return checked;
}

Json checked_tools(const Json& tools) {
  const ToolSet set(tools);
  Json checked = Json::array();
  for (size_t i = 0; i < tools.size(); ++i) {
    const Json& given = tools[i]["function"];
    const bool has_parameters = given.contains("parameters") && given["parameters"].is_object();
    const Json function = {
        {"name", set.list()[i].name},
        {"description", set.list()[i].description},
        {"parameters", has_parameters ? given["parameters"] : Json::parse(set.list()[i].parameters)}};
    checked.push_back({{"type", "function"}, {"function", function}});
  }
  return checked;
}

}  // namespace loam
