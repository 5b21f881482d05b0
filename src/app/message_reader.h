// A person's messages, from a terminal or a pipe: one line each, or several by a closing backslash or """ marks.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/line_editor.h"

namespace loam {

class MessageReader {
 public:
  // At a terminal with line editing and the history in `history_path`; else plain lines of standard input.
  MessageReader(bool interactive, const std::string& history_path);

  // nullopt at the end of input.
  std::optional<std::string> next();

 private:
  LineEditor::Status read_line(const std::string& prompt, std::string& line);
  LineEditor::Status read_message(std::string& message);
  LineEditor::Status read_block(std::string& message);

  std::unique_ptr<LineEditor> editor_;  // null for a pipe
};

}  // namespace loam
