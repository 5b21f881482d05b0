// ChatGPT's conversations.json: each conversation is a tree, since every edit and every new answer begins a branch; the
// branch that the user saw last is its current one.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.h"
#include "memory/transfer/chat_format.h"
#include "memory/transfer/json_elements.h"
#include "memory/transfer/json_fields.h"

namespace loam {
namespace {

using Json = nlohmann::json;

// The text of a message's parts: what was written, and a mark for what is no text.
std::string text_of_part(const Json& part) {
  if (part.is_string()) return part.get<std::string>();
  const std::string type = json_text(part, "content_type");
  if (type == "audio_transcription") return json_text(part, "text");
  if (type == "image_asset_pointer") return "[image]";
  return "";
}

std::string text_of_content(const Json& content) {
  const std::string type = json_text(content, "content_type");
  if (type == "thoughts" || type == "reasoning_recap" || type.ends_with("_editable_context")) return "";
  std::string text = json_text(content, type == "tether_browsing_display" ? "result" : "text");
  for (const Json& part : json_list(content, "parts")) {
    const std::string more = text_of_part(part);
    if (more.empty()) continue;
    if (!text.empty()) text += "\n";
    text += more;
  }
  return text;
}

// What an assistant tells a tool is no answer to the user.
TurnRole role_of_message(const Json& message) {
  const std::string role = json_text(json_object(message, "author"), "role");
  const std::string recipient = json_text(message, "recipient");
  if (role == "user") return TurnRole::user;
  if (role == "assistant") return recipient.empty() || recipient == "all" ? TurnRole::assistant : TurnRole::tool;
  return role == "system" ? TurnRole::system : TurnRole::tool;
}

// One node of the tree; no text where it holds nothing that was shown.
ImportedMessage message_of_node(const Json& node) {
  ImportedMessage found;
  const Json& message = json_object(node, "message");
  if (message.empty()) return found;
  if (json_flag(json_object(message, "metadata"), "is_visually_hidden_from_conversation")) return found;
  found.id = json_text(message, "id");
  found.role = role_of_message(message);
  found.text = text_of_content(json_object(message, "content"));
  found.time = json_seconds(message, "create_time");
  const std::string status = json_text(message, "status");
  found.partial = status == "in_progress" || status == "finished_partial_completion";
  return found;
}

// Where the export names no current node: the leaf that was written last.
std::string latest_leaf(const Json& mapping) {
  std::string latest;
  UnixTime latest_time = -1;
  for (const auto& [id, node] : mapping.items()) {
    if (!json_list(node, "children").empty()) continue;
    const UnixTime time = json_seconds(json_object(node, "message"), "create_time");
    if (time > latest_time) {
      latest = id;
      latest_time = time;
    }
  }
  return latest;
}

// The ids from the root to the current node.
std::vector<std::string> current_branch(const Json& conversation, const Json& mapping) {
  std::string at = json_text(conversation, "current_node");
  if (!mapping.contains(at)) at = latest_leaf(mapping);
  std::vector<std::string> branch;
  std::unordered_set<std::string> seen;
  while (mapping.contains(at) && seen.insert(at).second) {
    branch.push_back(at);
    at = json_text(mapping.at(at), "parent");
  }
  std::ranges::reverse(branch);
  return branch;
}

int64_t count_said(const Json& mapping) {
  return std::ranges::count_if(mapping, [](const Json& node) { return !message_of_node(node).text.empty(); });
}

void read_chatgpt_conversation(const Json& conversation, const ChatVisitor& visitor) {
  const Json& mapping = json_object(conversation, "mapping");
  std::string id = json_text(conversation, "conversation_id");
  if (id.empty()) id = json_text(conversation, "id");
  UnixTime time = json_seconds(conversation, "create_time");
  int64_t n_others = count_said(mapping);
  for (const std::string& node : current_branch(conversation, mapping)) {
    ImportedMessage message = message_of_node(mapping.at(node));
    if (message.text.empty()) continue;
    --n_others;
    message.conversation = id;
    message.title = json_text(conversation, "title");
    if (message.id.empty()) message.id = node;
    if (message.time == 0) message.time = time;  // a few messages have none: that of the one before
    time = message.time;
    visitor.message(std::move(message));
  }
  if (n_others > 0) visitor.other_branches(n_others);
}

}  // namespace

void read_chatgpt_json(const InputFile& file, const ChatVisitor& visitor) {
  JsonElements elements(file);
  std::string text;
  while (elements.next(text)) {
    read_chatgpt_conversation(parse_json_element(text, file.path(), elements.begin()), visitor);
    visitor.done(elements.done());
  }
}

}  // namespace loam
