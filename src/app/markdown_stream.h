// Markdown made readable on a terminal while it arrives: styles instead of markup, and nothing waits longer than it
// takes to know what a character means.
#pragma once

#include <string>
#include <string_view>

namespace loam {

// Headings and **strong** in bold, *emphasis* in italics, `code` and fenced blocks coloured, list bullets, quotes and
// rules drawn (a subset of https://spec.commonmark.org). A span that its line does not close stays as it was written,
// and so does everything inside a fenced block. Control characters come out escaped.
class MarkdownStream {
 public:
  // What can be shown now of the text so far. `text` is valid UTF-8.
  std::string push(std::string_view text);
  // What is left when the text has ended.
  std::string finish();

 private:
  void advance(std::string& out, bool complete);
  // Each handles the beginning of the rest of the line and returns false to wait for more of it.
  bool begin_line(std::string& out);
  bool begin_block(std::string& out, size_t indent);  // spaces before the block's first character
  bool begin_fence(std::string& out, size_t indent);
  bool end_fence(std::string& out, size_t indent);
  bool begin_heading(std::string& out, size_t indent);
  bool begin_quote(std::string& out, size_t indent);
  bool begin_item_or_rule(std::string& out, size_t indent);
  bool begin_numbered_item(std::string& out, size_t indent);
  bool write_inline(std::string& out);

  void take(std::string& out, size_t n, std::string_view style);    // shows n bytes
  void replace(std::string& out, size_t n, std::string_view with);  // shows something else for n bytes
  std::string_view rest_of_line() const { return std::string_view(line_).substr(shown_); }
  bool decided() const;  // nothing that would come on this line may change what its beginning means

  std::string line_;  // of the current line: what is not shown, after `shown_` bytes that are
  size_t shown_ = 0;
  std::string fence_;            // of the fenced block we are in: ``` or ~~~
  std::string_view line_style_;  // of a heading's text
  char last_ = '\n';             // the last byte shown
  bool line_begun_ = false, complete_ = false;
};

}  // namespace loam
