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
  std::string advance();
  // Each handles the beginning of `pending_` and returns false to wait for more text.
  bool begin_line(std::string& out);
  bool begin_fenced_line(std::string& out, std::string_view line);
  bool begin_block(std::string& out, std::string_view line, size_t indent);
  bool write_inline(std::string& out);
  void write_fenced(std::string& out);

  void take(std::string& out, size_t n);                            // shows n bytes as they are
  void replace(std::string& out, size_t n, std::string_view with);  // shows something else for n bytes
  std::string_view current_line() const;
  bool line_complete() const { return ended_ || pending_.find('\n') != std::string::npos; }

  std::string pending_;          // not shown yet
  std::string fence_;            // of the fenced block we are in: ``` or ~~~
  std::string_view line_style_;  // of a heading's text
  char last_ = '\n';             // the last byte shown
  bool line_begun_ = false, ended_ = false;
};

}  // namespace loam
