// The kinds of chat exports that loam reads, and how they are told apart: by what is in them, not by their names.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/input_file.h"
#include "memory/turn.h"

namespace loam {

enum class ChatFormat : uint8_t {
  chatgpt_json,    // OpenAI's conversations.json: one tree of messages for each conversation
  claude_json,     // Anthropic's conversations.json
  nexus_markdown,  // ChatGPT's conversations as Markdown callouts: Obsidian's Nexus AI Chat Importer
  plain_text,      // "You said:" … "ChatGPT said:" …, copied from a page
  loam_jsonl,      // loam's own, without loss: a turn in each line
};
std::string_view chat_format_name(ChatFormat format);
ChatFormat parse_chat_format(std::string_view name);  // Error(invalid)

// Error(unsupported) where the file is none of them.
ChatFormat detect_chat_format(const InputFile& file);

// One message of an export. Texts may hold bytes that are no UTF-8; the importer mends them.
struct ImportedMessage {
  std::string conversation;  // the id that the export gives it; may be empty
  std::string title;         // may be empty
  std::string id;            // may be empty
  TurnRole role = TurnRole::user;
  std::string speaker;
  std::string text;
  UnixTime time = 0;     // 0: not given
  bool partial = false;  // cut
};

// What a reader of a format tells while it goes through a file.
struct ChatVisitor {
  std::function<void(ImportedMessage)> message;
  std::function<void(int64_t n)> other_branches;  // messages that were edited away, or answered anew
  std::function<void(uint64_t bytes)> done;       // of the file, now and then; may throw to stop
};

// Longer texts are refused: Error(invalid).
inline constexpr size_t kLongestMessage = 16 << 20;

void read_chatgpt_json(const InputFile& file, const ChatVisitor& visitor);
void read_claude_json(const InputFile& file, const ChatVisitor& visitor);
void read_nexus_markdown(const InputFile& file, const ChatVisitor& visitor);
void read_plain_text(const InputFile& file, const ChatVisitor& visitor);

// Whether a text's beginning shows two speakers that take turns.
bool is_plain_chat(std::string_view head);

}  // namespace loam
