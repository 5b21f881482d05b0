// A conversation's messages, and their JSON form that /save writes and /load reads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

struct ChatMessage {
  std::string role, content;  // "system", "user" or "assistant"
  bool partial = false;       // an answer that was stopped before its end
};

// [{"role", "content"}, …] as chat templates take them.
nlohmann::ordered_json template_messages(const std::vector<ChatMessage>& messages);

// {"model": …, "messages": [{"role", "content", "partial"}, …]}, indented.
std::string write_transcript(const std::vector<ChatMessage>& messages, const std::string& model);
// Also takes a bare array of messages. Error(invalid) naming the message that is wrong.
std::vector<ChatMessage> parse_transcript(std::string_view json, const std::string& where);

}  // namespace loam
