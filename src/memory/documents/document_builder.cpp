#include "memory/documents/document_builder.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace loam {
namespace {

constexpr size_t kLongestHeading = 160;  // bytes of one in the path

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Indentation stays: in code it means something.
void cut_empty_lines(std::string& text) {
  const size_t first = text.find_first_not_of("\r\n");
  text.erase(0, std::min(first, text.size()));
  while (!text.empty() && is_blank(text.back())) text.pop_back();
}

std::string cut_heading(std::string_view text) {
  if (text.size() <= kLongestHeading) return std::string(text);
  return std::string(text.substr(0, complete_utf8_prefix(text.substr(0, kLongestHeading)))) + "…";
}

}  // namespace

void DocumentBuilder::append(std::string_view text) {
  if (is_full()) return;
  bytes_ += text.size();
  if (keeps_lines_) {
    text_ += text;
    return;
  }
  for (const char c : text) {
    if (!is_blank(c)) {
      text_ += c;
    } else if (!text_.empty() && text_.back() != ' ') {
      text_ += ' ';
    }
  }
}

void DocumentBuilder::append_line(std::string_view line, int number) {
  if (is_full()) return;
  bytes_ += line.size() + 1;
  if (!text_.empty()) text_ += '\n';
  if (place_.first_line == 0) place_.first_line = number;
  place_.last_line = number;
  text_ += line;
}

void DocumentBuilder::end_block() { finish(false); }

void DocumentBuilder::end_heading(int level) {
  const std::string heading = cut_heading(without_blanks(text_));
  if (heading.empty()) return end_block();
  const auto at = static_cast<size_t>(std::clamp(level, 1, 6) - 1);
  for (size_t i = at; i < headings_.size(); ++i) headings_[i].clear();
  headings_[at] = heading;
  if (!has_title()) set_title(heading);
  finish(true);
}

void DocumentBuilder::set_title(std::string_view title) {
  document_.title = cut_heading(without_blanks(sanitize_utf8(title)));
}

std::string DocumentBuilder::heading_path() const {
  std::string path;
  for (const std::string& heading : headings_) {
    if (heading.empty()) continue;
    if (!path.empty()) path += " › ";
    path += heading;
  }
  return path;
}

void DocumentBuilder::finish(bool is_heading) {
  if (keeps_lines_) {
    cut_empty_lines(text_);
  } else {
    text_ = without_blanks(text_);
  }
  DocumentPlace place = std::exchange(place_, {});
  place.page = page_;
  if (!text_.empty()) {
    document_.blocks.push_back({sanitize_utf8(text_), heading_path(), place, is_heading, keeps_lines_});
  }
  text_.clear();
}

Document DocumentBuilder::take() {
  end_block();
  return std::move(document_);
}

}  // namespace loam
