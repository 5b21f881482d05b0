#include "app/message_reader.h"

#include <unistd.h>

#include <iostream>

#include "app/terminal.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr std::string_view kBlockMark = "\"\"\"";

// Between \1 the line editor expects what takes no columns.
std::string prompt_text(const char* text) {
  return has_color(STDOUT_FILENO) ? std::string("\1\x1b[1;32m\1") + text + "\1\x1b[0m\1 " : std::string(text) + " ";
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

}  // namespace

MessageReader::MessageReader(bool interactive, const std::string& history_path)
    : editor_(interactive ? std::make_unique<LineEditor>(history_path) : nullptr) {}

std::optional<std::string> MessageReader::next() {
  for (;;) {
    std::string message;
    const auto status = read_message(message);
    if (status == LineEditor::Status::end) return std::nullopt;
    if (status == LineEditor::Status::cancelled || is_blank(message)) continue;
    if (editor_) editor_->remember(message);
    return sanitize_utf8(message);
  }
}

LineEditor::Status MessageReader::read_line(const std::string& prompt, std::string& line) {
  if (editor_) return editor_->read(prompt, line);
  if (!std::getline(std::cin, line)) return LineEditor::Status::end;
  if (line.ends_with('\r')) line.pop_back();
  return LineEditor::Status::line;
}

LineEditor::Status MessageReader::read_message(std::string& message) {
  auto status = read_line(prompt_text(">"), message);
  if (status != LineEditor::Status::line) return status;
  if (message.starts_with(kBlockMark)) return read_block(message);
  while (message.ends_with('\\')) {
    std::string line;
    status = read_line(prompt_text("…"), line);
    if (status == LineEditor::Status::cancelled) return status;
    message.back() = '\n';
    message += line;
    if (status == LineEditor::Status::end) break;  // what was typed so far is the message
  }
  return LineEditor::Status::line;
}

// From """ to the line that ends with """.
LineEditor::Status MessageReader::read_block(std::string& message) {
  message.erase(0, kBlockMark.size());
  while (!message.ends_with(kBlockMark)) {
    std::string line;
    const auto status = read_line(prompt_text("…"), line);
    if (status == LineEditor::Status::cancelled) return status;
    message += status == LineEditor::Status::end ? std::string(kBlockMark) : "\n" + line;
  }
  message.resize(message.size() - kBlockMark.size());
  const size_t first = message.starts_with('\n') ? 1 : 0, last = message.ends_with('\n') && message.size() > 1 ? 1 : 0;
  message = message.substr(first, message.size() - first - last);
  return LineEditor::Status::line;
}

}  // namespace loam
