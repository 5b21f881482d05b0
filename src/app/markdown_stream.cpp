#include "app/markdown_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/terminal.h"

namespace loam {
namespace {

// Bytes of a line that are held back for a closing mark, and searched for one.
constexpr size_t kHoldLimit = 2000;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || (c & 0x80); }

size_t run_length(std::string_view text, size_t begin = 0) {
  const size_t end = text.find_first_not_of(text[begin], begin);
  return std::min(end, text.size()) - begin;
}

// `mark` alone, repeated, with spaces: what a closing fence or a rule may consist of.
bool consists_of(std::string_view text, char mark) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return c == mark || c == ' '; });
}

// A span at the beginning of a text: n marks, content, n marks.
struct Span {
  enum class State { literal, open, closed } state;  // open: the line may still bring the closing marks
  size_t n = 0, close = 0;                           // where the closing marks begin
};

bool can_open(std::string_view text, size_t n, char before) {
  return n < text.size() &&
         (text[0] == '`' || (n <= 3 && !is_space(text[n]) && !(is_word(before) && is_word(text[n]))));
}

// `text` is the rest of a line and begins with '*' or '`'; `complete`: nothing more will come on this line.
Span find_span(std::string_view text, char before, bool complete) {
  complete |= text.size() > kHoldLimit;
  text = text.substr(0, kHoldLimit);
  const size_t n = run_length(text);
  const auto undecided = complete ? Span::State::literal : Span::State::open;
  if (n == text.size()) return {undecided, n};
  if (!can_open(text, n, before)) return {Span::State::literal, n};
  for (size_t i = n; (i = text.find(text[0], i)) != std::string_view::npos;) {
    const size_t closing = run_length(text, i);
    if (i + closing == text.size() && !complete && closing <= n) return {undecided, n};
    if (closing == n && (text[0] == '`' || !is_space(text[i - 1]))) return {Span::State::closed, n, i};
    i += closing;
  }
  return {undecided, n};
}

std::string style_of(char mark, size_t n) {
  if (mark == '`') return std::string(style::kCyan);
  return std::string(n == 1 ? "" : style::kBold) + std::string(n == 2 ? "" : style::kItalic);
}

// Complete text with the spans inside it, all in the style `outer`.
std::string styled(std::string_view text, const std::string& outer) {
  std::string out = outer;
  char before = ' ';
  while (!text.empty()) {
    const size_t plain = std::min(text.find_first_of("*`"), text.size());
    if (plain > 0) {
      out += text.substr(0, plain);
      before = text[plain - 1];
      text.remove_prefix(plain);
      continue;
    }
    const Span span = find_span(text, before, true);
    const bool closed = span.state == Span::State::closed;
    const size_t end = closed ? span.close + span.n : span.n;
    if (!closed)
      out += text.substr(0, end);
    else if (text[0] == '`')
      out += fmt::format("{}{}{}{}", style::kCyan, text.substr(span.n, span.close - span.n), style::kReset, outer);
    else
      out += styled(text.substr(span.n, span.close - span.n), outer + style_of('*', span.n)) + outer;
    before = text[end - 1];
    text.remove_prefix(end);
  }
  return out + std::string(style::kReset);
}

// Bytes of "12. " or "3) " at the beginning of a line; 0 where it is no list number, npos where it may become one.
size_t list_number(std::string_view text, bool complete) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 9) return 0;
  if (text.size() < digits + 2) return complete ? 0 : std::string_view::npos;
  return (text[digits] == '.' || text[digits] == ')') && text[digits + 1] == ' ' ? digits + 2 : 0;
}

}  // namespace

std::string MarkdownStream::push(std::string_view text) {
  const std::string safe = terminal_safe(text);
  std::string out;
  std::string_view rest = safe;
  for (size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
    line_ += rest.substr(0, end);
    advance(out, true);
    out += last_ = '\n';
    line_begun_ = false;
    line_style_ = {};
  }
  line_ += rest;
  advance(out, false);
  return out;
}

std::string MarkdownStream::finish() {
  std::string out;
  advance(out, true);
  *this = MarkdownStream();
  return out;
}

void MarkdownStream::advance(std::string& out, bool complete) {
  complete_ = complete;
  while (shown_ < line_.size()) {
    if (!line_begun_) {
      if (!begin_line(out)) break;
    } else if (!fence_.empty()) {
      take(out, line_.size() - shown_, style::kGreen);
    } else if (!write_inline(out)) {
      break;
    }
  }
  line_.erase(0, shown_);
  shown_ = 0;
}

bool MarkdownStream::decided() const { return complete_ || line_.size() - shown_ > kHoldLimit; }

void MarkdownStream::take(std::string& out, size_t n, std::string_view style) {
  const std::string_view text = rest_of_line().substr(0, n);
  replace(out, n, style.empty() ? std::string(text) : fmt::format("{}{}{}", style, text, style::kReset));
}

void MarkdownStream::replace(std::string& out, size_t n, std::string_view with) {
  out += with;
  shown_ += n;
  last_ = line_[shown_ - 1];
}

bool MarkdownStream::begin_line(std::string& out) {
  const size_t indent = rest_of_line().find_first_not_of(" \t");
  if (indent == std::string_view::npos) return line_begun_ = decided();
  return fence_.empty() ? begin_block(out, indent) : end_fence(out, indent);
}

bool MarkdownStream::begin_block(std::string& out, size_t indent) {
  switch (rest_of_line()[indent]) {
    case '`':
    case '~': return begin_fence(out, indent);
    case '#': return begin_heading(out, indent);
    case '>': return begin_quote(out, indent);
    case '-':
    case '+':
    case '*':
    case '_': return begin_item_or_rule(out, indent);
    default: return begin_numbered_item(out, indent);
  }
}

bool MarkdownStream::begin_fence(std::string& out, size_t indent) {
  const std::string_view text = rest_of_line().substr(indent);
  const size_t n = run_length(text);
  if (!decided() && (n == text.size() || n >= 3)) return false;
  if (n >= 3 && text.find('`', n) == std::string_view::npos) {
    fence_ = text.substr(0, n);
    take(out, indent + text.size(), style::kDim);
  }
  return line_begun_ = true;
}

bool MarkdownStream::end_fence(std::string& out, size_t indent) {
  const std::string_view text = rest_of_line().substr(indent);
  const bool only_marks = consists_of(text, fence_[0]);
  if (only_marks && !decided()) return false;
  if (only_marks && run_length(text) >= fence_.size()) {
    fence_.clear();
    take(out, indent + text.size(), style::kDim);
  }
  return line_begun_ = true;
}

bool MarkdownStream::begin_heading(std::string& out, size_t indent) {
  const std::string_view text = rest_of_line().substr(indent);
  const size_t n = run_length(text);
  if (n == text.size() && !decided()) return false;
  if (n <= 6 && n < text.size() && text[n] == ' ') {
    replace(out, indent + n + 1, "");
    line_style_ = style::kBold;
  }
  return line_begun_ = true;
}

// What follows the mark may be a block again: the line begins anew behind it.
bool MarkdownStream::begin_quote(std::string& out, size_t indent) {
  const std::string_view text = rest_of_line().substr(indent);
  if (text.size() == 1 && !decided()) return false;
  const size_t n = text.size() > 1 && text[1] == ' ' ? 2 : 1;
  replace(out, indent + n, fmt::format("{}│{} ", style::kDim, style::kReset));
  return true;
}

bool MarkdownStream::begin_item_or_rule(std::string& out, size_t indent) {
  const std::string_view line = rest_of_line(), text = line.substr(indent);
  const char mark = text[0];
  if (consists_of(text, mark)) {
    if (!decided()) return false;
    if (mark != '+' && std::count(text.begin(), text.end(), mark) >= 3)
      replace(out, line.size(), fmt::format("{}────────────────{}", style::kDim, style::kReset));
  } else if (mark != '_' && text[1] == ' ') {
    replace(out, indent + 2, fmt::format("{}{}•{} ", line.substr(0, indent), style::kCyan, style::kReset));
  }
  return line_begun_ = true;
}

bool MarkdownStream::begin_numbered_item(std::string& out, size_t indent) {
  const size_t n = list_number(rest_of_line().substr(indent), decided());
  if (n == std::string_view::npos) return false;
  if (n > 0) take(out, indent + n, style::kCyan);
  return line_begun_ = true;
}

bool MarkdownStream::write_inline(std::string& out) {
  const std::string_view line = rest_of_line();
  const size_t plain = std::min(line.find_first_of("*`\\"), line.size());
  if (plain > 0) {
    take(out, plain, line_style_);
    return true;
  }
  if (line[0] == '\\') {
    if (line.size() == 1 && !decided()) return false;
    const bool escape = line.size() > 1 && (line[1] == '*' || line[1] == '`' || line[1] == '_');
    if (escape) replace(out, 1, "");
    take(out, 1, line_style_);
    return true;
  }
  const Span span = find_span(line, last_, decided());
  if (span.state == Span::State::open) return false;
  if (span.state == Span::State::literal) {
    take(out, span.n, line_style_);
    return true;
  }
  const std::string_view content = line.substr(span.n, span.close - span.n);
  const std::string style = std::string(line_style_) + style_of(line[0], span.n);
  const bool code = line[0] == '`';
  replace(out, span.close + span.n,
          code ? fmt::format("{}{}{}", style, content, style::kReset) : styled(content, style));
  return true;
}

}  // namespace loam
