#include "memory/transfer/chat_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>

#include "base/error.h"

namespace loam {
namespace {

constexpr std::array<std::string_view, 5> kChatFormats = {"chatgpt", "claude", "nexus", "text", "loam"};
constexpr uint64_t kHead = 1 << 20;  // bytes that decide

std::string read_head(const InputFile& file) {
  std::string head(static_cast<size_t>(std::min(kHead, file.size())), '\0');
  file.read(0, std::as_writable_bytes(std::span(head)));
  return head;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// A line of loam's own: an object with a turn's fields. A first line that is longer than the head is cut, and then its
// names decide.
bool is_turn_line(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  return line.starts_with('{') && contains(line, "\"seen\":") && contains(line, "\"origin\":") &&
         contains(line, "\"role\":");
}

}  // namespace

std::string_view chat_format_name(ChatFormat format) { return kChatFormats[static_cast<size_t>(format)]; }

ChatFormat parse_chat_format(std::string_view name) {
  const auto found = std::ranges::find(kChatFormats, name);
  if (found == kChatFormats.end()) {
    throw Error(Error::Code::invalid, fmt::format("'{}' is none of {}", name, fmt::join(kChatFormats, ", ")), "format");
  }
  return static_cast<ChatFormat>(found - kChatFormats.begin());
}

ChatFormat detect_chat_format(const InputFile& file) {
  const std::string head = read_head(file);
  const size_t first = head.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (first != std::string::npos && (head[first] == '[' || head[first] == '{')) {
    if (is_turn_line(std::string_view(head).substr(first))) return ChatFormat::loam_jsonl;
    const size_t mapping = head.find("\"mapping\""), messages = head.find("\"chat_messages\"");
    if (mapping < messages) return ChatFormat::chatgpt_json;
    if (messages != std::string::npos) return ChatFormat::claude_json;
  }
  if (contains(head, "[!nexus_user]") || contains(head, "[!nexus_agent]")) return ChatFormat::nexus_markdown;
  if (is_plain_chat(head)) return ChatFormat::plain_text;
  throw Error(Error::Code::unsupported,
              fmt::format("{} is no chat that loam knows: ChatGPT's or Claude's conversations.json, Nexus's Markdown, "
                          "text with lines such as \"You said:\" and \"ChatGPT said:\", or loam's own export",
                          file.path()));
}

}  // namespace loam
