// Plain text, Markdown and source code: formats that are lines.
#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "memory/documents/document_builder.h"
#include "memory/documents/document_reader.h"

namespace loam {
namespace {

void for_each_line(std::string_view text, const std::function<void(std::string_view line, int number)>& visit) {
  int number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    visit(line, ++number);
    begin = end + 1;
  }
}

bool is_blank_line(std::string_view line) { return line.find_first_not_of(" \t\f") == std::string_view::npos; }

// "## Heading ##" → 2; 0 where the line is no heading.
int heading_level(std::string_view line) {
  const size_t level = std::min(line.find_first_not_of('#'), line.size());
  if (level < 1 || level > 6 || level == line.size() || (line[level] != ' ' && line[level] != '\t')) return 0;
  return static_cast<int>(level);
}

std::string_view heading_text(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of("# \t"), line.size()));
  return line.substr(0, line.find_last_not_of("# \t") + 1);
}

bool is_fence(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return line.starts_with("```") || line.starts_with("~~~");
}

class MarkdownReader {
 public:
  void read(std::string_view line, int number) {
    if (number == 1 && line == "---") {
      in_front_matter_ = true;
    } else if (in_front_matter_) {
      read_front_matter(line);
    } else if (is_fence(line)) {
      read_fence(line, number);
    } else if (in_code_) {
      builder_.append_line(line, number);
    } else if (const int level = heading_level(line)) {
      builder_.end_block();
      builder_.append_line(heading_text(line), number);
      builder_.end_heading(level);
    } else if (is_blank_line(line)) {
      builder_.end_block();
    } else {
      builder_.append_line(line, number);
    }
  }
  Document take() { return builder_.take(); }

 private:
  void read_front_matter(std::string_view line) {
    if (line == "---" || line == "...") in_front_matter_ = false;
    if (!line.starts_with("title:")) return;
    line.remove_prefix(6);
    line.remove_prefix(std::min(line.find_first_not_of(" \"'"), line.size()));
    builder_.set_title(line.substr(0, line.find_last_not_of(" \"'") + 1));
  }
  void read_fence(std::string_view line, int number) {
    if (!in_code_) builder_.end_block();
    builder_.keep_lines(true);
    builder_.append_line(line, number);
    in_code_ = !in_code_;
    if (in_code_) return;
    builder_.end_block();
    builder_.keep_lines(false);
  }

  DocumentBuilder builder_;
  bool in_code_ = false, in_front_matter_ = false;
};

}  // namespace

// Paragraphs are what blank lines part.
Document read_plain_document(std::string_view text) {
  DocumentBuilder builder;
  for_each_line(text, [&](std::string_view line, int number) {
    is_blank_line(line) ? builder.end_block() : builder.append_line(line, number);
  });
  return builder.take();
}

Document read_markdown(std::string_view text) {
  MarkdownReader reader;
  for_each_line(text, [&](std::string_view line, int number) { reader.read(line, number); });
  return reader.take();
}

// A block begins where a line is not indented and the one before it is blank: functions and classes stay whole.
Document read_code(std::string_view text) {
  DocumentBuilder builder;
  builder.keep_lines(true);
  bool after_blank = false;
  for_each_line(text, [&](std::string_view line, int number) {
    const bool is_blank = is_blank_line(line);
    if (after_blank && !is_blank && line[0] != ' ' && line[0] != '\t' && line[0] != '}') builder.end_block();
    if (!is_blank || !after_blank) builder.append_line(line, number);
    after_blank = is_blank;
  });
  return builder.take();
}

}  // namespace loam
