#include "app/transcript.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

ChatMessage parse_message(const Json& json, size_t i, const std::string& where) {
  const auto text = [&](const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (found == json.end() || !found->is_string())
      throw Error(Error::Code::invalid, fmt::format("message {} has no text \"{}\"", i, key), where);
    return found->get<std::string>();
  };
  ChatMessage message{text("role"), text("content"), json.value("partial", Json(false)) == Json(true)};
  if (message.role != "system" && message.role != "user" && message.role != "assistant")
    throw Error(Error::Code::invalid,
                fmt::format("message {} has role \"{}\"; known are system, user and assistant", i, message.role),
                where);
  return message;
}

}  // namespace

Json template_messages(const std::vector<ChatMessage>& messages) {
  Json out = Json::array();
  for (const ChatMessage& message : messages) out.push_back({{"role", message.role}, {"content", message.content}});
  return out;
}

std::string write_transcript(const std::vector<ChatMessage>& messages, const std::string& model) {
  Json list = template_messages(messages);
  for (size_t i = 0; i < messages.size(); ++i)
    if (messages[i].partial) list[i]["partial"] = true;
  const Json out{{"model", sanitize_utf8(model)}, {"messages", std::move(list)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<ChatMessage> parse_transcript(std::string_view text, const std::string& where) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw Error(Error::Code::invalid, "is not valid JSON", where);
  const Json list = json.is_object() && json.contains("messages") ? json["messages"] : json;
  if (!list.is_array()) throw Error(Error::Code::invalid, "holds no \"messages\" array", where);
  std::vector<ChatMessage> messages;
  for (size_t i = 0; i < list.size(); ++i) messages.push_back(parse_message(list[i], i, where));
  return messages;
}

}  // namespace loam
