// Claude's conversations.json: a list of messages for each conversation, and the texts of attached files.
#include <nlohmann/json.hpp>

#include "memory/transfer/chat_format.h"
#include "memory/transfer/json_elements.h"
#include "memory/transfer/json_fields.h"
#include "memory/transfer/written_time.h"

namespace loam {
namespace {

// The parts of type "text"; older exports have no parts.
std::string text_of_claude_message(const nlohmann::json& message) {
  std::string text;
  for (const nlohmann::json& part : json_list(message, "content")) {
    if (json_text(part, "type") != "text") continue;
    if (!text.empty()) text += "\n\n";
    text += json_text(part, "text");
  }
  return text.empty() ? json_text(message, "text") : text;
}

// What was attached stands before what was said about it.
void visit_attachments(const ImportedMessage& message, const nlohmann::json& said, const ChatVisitor& visitor) {
  int n = 0;
  for (const nlohmann::json& attachment : json_list(said, "attachments")) {
    ImportedMessage document = message;
    document.id = message.id + "/" + std::to_string(n++);
    document.role = TurnRole::document;
    document.speaker = json_text(attachment, "file_name");
    document.text = json_text(attachment, "extracted_content");
    if (!document.text.empty()) visitor.message(std::move(document));
  }
}

void read_claude_conversation(const nlohmann::json& conversation, const ChatVisitor& visitor) {
  for (const nlohmann::json& said : json_list(conversation, "chat_messages")) {
    ImportedMessage message;
    message.conversation = json_text(conversation, "uuid");
    message.title = json_text(conversation, "name");
    message.id = json_text(said, "uuid");
    message.role = json_text(said, "sender") == "human" ? TurnRole::user : TurnRole::assistant;
    message.time = parse_written_time(json_text(said, "created_at")).value_or(0);
    visit_attachments(message, said, visitor);
    message.text = text_of_claude_message(said);
    if (!message.text.empty()) visitor.message(std::move(message));
  }
}

}  // namespace

void read_claude_json(const InputFile& file, const ChatVisitor& visitor) {
  JsonElements elements(file);
  std::string text;
  while (elements.next(text)) {
    read_claude_conversation(parse_json_element(text, file.path(), elements.begin()), visitor);
    visitor.done(elements.done());
  }
}

}  // namespace loam
