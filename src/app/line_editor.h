// Lines typed at a terminal: editing of wide characters, history kept in a file, pasted text as one message.
#pragma once

#include <memory>
#include <string>

namespace loam {

class LineEditor {
 public:
  // Ctrl+C needs an InterruptGuard.
  enum class Status { line, end, cancelled };  // end: Ctrl+D on an empty line; cancelled: Ctrl+C

  // `history_path`: read now, written by `remember`, readable by its owner only.
  explicit LineEditor(std::string history_path);
  ~LineEditor();

  // `line` comes as UTF-8 without the final line end; pasted text may hold line ends inside.
  // In `prompt`, what stands between two \1 is sent as it is and takes no columns.
  Status read(const std::string& prompt, std::string& line);
  void remember(const std::string& message);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loam
