// Gathers a document's text into blocks while a reader goes through a file.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "memory/documents/document.h"

namespace loam {

class DocumentBuilder {
 public:
  // Text goes on the block that is open; white space in it counts as one space, unless `keeps_lines`.
  void append(std::string_view text);
  void append_line(std::string_view line, int number);  // as it is, with its number (from 1)
  void set_page(int page) { page_ = page; }
  void keep_lines(bool yes) { keeps_lines_ = yes; }  // of the block that is open, and those after it
  void end_block();
  // Ends the open block as a heading of `level` 1…6: what follows stands below it.
  void end_heading(int level);
  void set_title(std::string_view title);
  bool has_title() const { return !document_.title.empty(); }
  bool is_full() const { return bytes_ >= kMostDocumentText; }  // further text is left out

  Document take();

 private:
  std::string heading_path() const;
  void finish(bool is_heading);

  Document document_;
  std::string text_;
  std::array<std::string, 6> headings_;
  DocumentPlace place_;
  size_t bytes_ = 0;
  int page_ = 0;
  bool keeps_lines_ = false;
};

}  // namespace loam
