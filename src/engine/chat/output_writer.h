// Collects the deltas of one answer: joins what belongs together, numbers calls, trims white space beside markers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/chat/call_reader.h"
#include "engine/chat/chat_output.h"

namespace loam {

class OutputWriter {
 public:
  explicit OutputWriter(bool parallel) : parallel_(parallel) {}

  // White space is kept back until what follows shows whether it stands beside a marker.
  void text(ChatDelta::Kind kind, char c);
  void text(ChatDelta::Kind kind, std::string_view text);
  // A marker that means something: the white space around it is its own, except that texts of one kind before and after
  // it stay apart, by the most line breaks that stood between them or as paragraphs.
  void boundary();
  // Only white space was written since the last boundary or the beginning.
  bool fresh() const { return fresh_; }
  bool at_line_start() const { return line_start_; }

  // After `boundary`. Where only one call is allowed, the others become text.
  void calls(const std::vector<ParsedCall>& calls);
  int begin_call(const std::string& name);  // → its index, for `arguments`
  void end_call() { in_call_ = false; }
  void arguments(int index, std::string_view text);
  void warning(std::string text);
  void finish();

  int n_calls() const { return n_calls_; }
  bool may_call() const { return parallel_ || n_calls_ == 0; }
  bool complete() const { return !may_call() && !in_call_; }
  std::vector<ChatDelta> take();

 private:
  void widen_gap();
  void append(ChatDelta::Kind kind, std::string_view text, int index = -1);

  const bool parallel_;
  std::vector<ChatDelta> deltas_;
  std::string space_;  // not yet written
  std::string gap_;    // white space between boundaries since the last text, the one with the most line breaks
  ChatDelta::Kind space_kind_ = ChatDelta::Kind::content;
  bool has_content_ = false, has_reasoning_ = false;
  bool fresh_ = true, after_boundary_ = false, line_start_ = true;
  int n_calls_ = 0;
  bool in_call_ = false;  // its arguments are not complete
};

}  // namespace loam
