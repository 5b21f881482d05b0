#include "app/markdown_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/terminal.h"

namespace loam {
namespace {

// A line longer than this is not held back for a closing mark.
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
  const size_t n = run_length(text);
  const auto undecided = complete || text.size() > kHoldLimit ? Span::State::literal : Span::State::open;
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

std::string_view style_of(char mark, size_t n) {
  if (mark == '`') return style::kCyan;
  return n == 1 ? style::kItalic : style::kBold;
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
      out += styled(text.substr(span.n, span.close - span.n), outer + std::string(style_of('*', span.n))) + outer;
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
  pending_ += terminal_safe(text);
  return advance();
}

std::string MarkdownStream::finish() {
  ended_ = true;
  std::string out = advance();
  *this = MarkdownStream();
  return out;
}

std::string MarkdownStream::advance() {
  std::string out;
  while (!pending_.empty()) {
    if (!line_begun_) {
      if (!begin_line(out)) break;
    } else if (pending_[0] == '\n') {
      take(out, 1);
      line_begun_ = false;
      line_style_ = {};
    } else if (!fence_.empty()) {
      write_fenced(out);
    } else if (!write_inline(out)) {
      break;
    }
  }
  return out;
}

std::string_view MarkdownStream::current_line() const {
  return std::string_view(pending_).substr(0, pending_.find('\n'));
}

void MarkdownStream::take(std::string& out, size_t n) {
  const std::string text = pending_.substr(0, n);
  const bool plain = line_style_.empty() || text == "\n";
  replace(out, n, plain ? text : fmt::format("{}{}{}", line_style_, text, style::kReset));
}

void MarkdownStream::replace(std::string& out, size_t n, std::string_view with) {
  out += with;
  last_ = pending_[n - 1];
  pending_.erase(0, n);
}

bool MarkdownStream::begin_line(std::string& out) {
  const std::string_view line = current_line();
  const size_t indent = line.find_first_not_of(" \t");
  if (indent == std::string_view::npos) {
    line_begun_ = line_complete();
    return line_begun_;
  }
  return fence_.empty() ? begin_block(out, line, indent) : begin_fenced_line(out, line.substr(indent));
}

// Inside a block: only the closing fence is not content.
bool MarkdownStream::begin_fenced_line(std::string& out, std::string_view line) {
  if (!consists_of(line, fence_[0])) return line_begun_ = true;
  if (!line_complete()) return false;
  line_begun_ = true;
  if (run_length(line) < fence_.size()) return true;
  fence_.clear();
  const std::string shown(current_line());
  replace(out, shown.size(), fmt::format("{}{}{}", style::kDim, shown, style::kReset));
  return true;
}

bool MarkdownStream::begin_block(std::string& out, std::string_view line, size_t indent) {
  const std::string_view rest = line.substr(indent);
  const char mark = rest[0];
  const bool complete = line_complete();
  const size_t n = run_length(rest);
  const auto starts_with_mark_and_space = [&] { return n < rest.size() && rest[n] == ' '; };

  if (mark == '`' || mark == '~') {
    if (!complete && (n == rest.size() || n >= 3)) return false;
    if (n >= 3 && rest.find('`', n) == std::string_view::npos) {
      fence_ = rest.substr(0, n);
      const std::string shown(line);
      replace(out, shown.size(), fmt::format("{}{}{}", style::kDim, shown, style::kReset));
    }
    return line_begun_ = true;
  }
  if (mark == '#' && n <= 6) {
    if (n == rest.size() && !complete) return false;
    if (starts_with_mark_and_space()) {
      replace(out, indent + n + 1, "");
      line_style_ = style::kBold;
    }
    return line_begun_ = true;
  }
  if (mark == '>') {  // what follows may be a block again
    if (rest.size() == 1 && !complete) return false;
    replace(out, indent + 1 + (rest.size() > 1 && rest[1] == ' '), fmt::format("{}│{} ", style::kDim, style::kReset));
    line_begun_ = rest.size() == 1;
    return true;
  }
  if (mark == '-' || mark == '*' || mark == '+' || mark == '_') {
    if (consists_of(rest, mark)) {
      if (!complete) return false;
      if (mark != '+' && std::count(rest.begin(), rest.end(), mark) >= 3)
        replace(out, line.size(), fmt::format("{}────────────────{}", style::kDim, style::kReset));
    } else if (mark != '_' && n == 1 && starts_with_mark_and_space()) {
      replace(out, indent + 2, fmt::format("{}{}•{} ", line.substr(0, indent), style::kCyan, style::kReset));
    }
    return line_begun_ = true;
  }
  const size_t number = list_number(rest, complete);
  if (number == std::string_view::npos) return false;
  if (number > 0)
    replace(out, indent + number, fmt::format("{}{}{}", style::kCyan, line.substr(0, indent + number), style::kReset));
  return line_begun_ = true;
}

void MarkdownStream::write_fenced(std::string& out) {
  const std::string shown(current_line());
  replace(out, shown.size(), fmt::format("{}{}{}", style::kGreen, shown, style::kReset));
}

bool MarkdownStream::write_inline(std::string& out) {
  const std::string_view line = current_line();
  const size_t plain = std::min(line.find_first_of("*`\\"), line.size());
  if (plain > 0) {
    take(out, plain);
    return true;
  }
  if (line[0] == '\\') {
    if (line.size() == 1 && !line_complete()) return false;
    const bool escape = line.size() > 1 && (line[1] == '*' || line[1] == '`' || line[1] == '_');
    if (escape) replace(out, 1, "");
    take(out, 1);
    return true;
  }
  const Span span = find_span(line, last_, line_complete());
  if (span.state == Span::State::open) return false;
  if (span.state == Span::State::literal) {
    take(out, span.n);
    return true;
  }
  const std::string_view content = line.substr(span.n, span.close - span.n);
  const std::string outer = std::string(line_style_) + std::string(style_of(line[0], span.n)) +
                            std::string(span.n == 3 && line[0] == '*' ? style::kItalic : "");
  replace(out, span.close + span.n,
          line[0] == '`' ? fmt::format("{}{}{}", outer, content, style::kReset) : styled(content, outer));
  return true;
}

}  // namespace loam
