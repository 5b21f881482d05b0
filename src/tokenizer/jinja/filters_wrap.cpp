// wordwrap: lines of at most `width` code points, as Python's textwrap cuts them.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenizer/jinja/filters.h"
#include "tokenizer/jinja/operators.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

using Points = std::u32string_view;

bool is_blank(char32_t c) { return c == ' ' || (c >= 9 && c <= 13); }
bool is_word_character(char32_t c) { return c == '_' || is_in_class(c, CharacterClass::alpha); }

// Cuts one line. Its parts are views of it: what is kept of it stays in order and together.
class Wrapper {
 public:
  Wrapper(Points line, size_t width, bool break_long_words, bool break_on_hyphens)
      : text_(line), width_(width), break_long_words_(break_long_words), break_on_hyphens_(break_on_hyphens) {}

  std::vector<Points> wrap() {
    std::vector<Points> lines;
    for (chunk_ = next_chunk(); !chunk_.empty();) {
      if (!lines.empty() && is_blank(chunk_[0])) chunk_ = next_chunk();
      const Points line = fill_line();
      if (!line.empty()) lines.push_back(line);
    }
    return lines;
  }

 private:
  // A hyphen after which the word may go on in the next line: behind two letters (or x-y-), before two letters.
  bool breaks_after(size_t i) const {
    const auto letter = [&](size_t k) { return k < text_.size() && is_word_character(text_[k]); };
    if (!break_on_hyphens_ || text_[i] != '-' || i < 2 || !letter(i - 1)) return false;
    const bool before = letter(i - 2) || (i >= 3 && text_[i - 2] == '-' && letter(i - 3));
    const bool joined = i + 2 < text_.size() && text_[i + 2] == '-';
    return before && letter(i + 1) && letter(joined ? i + 3 : i + 2);
  }

  // A run of blanks, or a word or part of a hyphenated word; empty at the end.
  Points next_chunk() {
    const size_t begin = next_;
    while (next_ < text_.size() && is_blank(text_[next_]) == is_blank(text_[begin])) {
      if (breaks_after(next_++)) break;
    }
    return text_.substr(begin, next_ - begin);
  }

  Points fill_line() {
    const char32_t* begin = chunk_.data();
    size_t size = 0, last = 0;  // of the line; where its last chunk begins
    while (!chunk_.empty() && size + chunk_.size() <= width_) {
      last = size;
      size += chunk_.size();
      chunk_ = next_chunk();
    }
    if (chunk_.size() > width_) {
      const size_t taken = take_long_word(size);
      if (taken > 0) last = size;
      size += taken;
    }
    if (size > 0 && is_blank(begin[last])) size = last;
    return {begin, size};
  }

  // How much of a word that is longer than any line goes into this one.
  size_t take_long_word(size_t line_size) {
    size_t end = width_ - line_size;
    if (!break_long_words_) {
      end = line_size > 0 ? 0 : chunk_.size();
    } else if (break_on_hyphens_ && end > 0) {
      const size_t hyphen = chunk_.rfind(U'-', end - 1);
      if (hyphen != Points::npos && chunk_.find_first_not_of(U'-') < hyphen) end = hyphen + 1;
    }
    chunk_.remove_prefix(end);
    if (chunk_.empty()) chunk_ = next_chunk();
    return end;
  }

  Points text_;
  size_t width_;
  bool break_long_words_, break_on_hyphens_;
  size_t next_ = 0;  // in text_: where the next chunk begins
  Points chunk_;     // what is not in a line yet of the chunk before
};

}  // namespace

Value filter_wordwrap(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("wordwrap", std::move(a), {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
  if (v.is_undefined()) throw Fault{v.undefined_message()};
  const int64_t width = bound.integer(0, 79);
  const Value newline = bound[2] && !bound[2]->is_none() ? *bound[2] : run.heap.text("\n");
  if (width <= 0) throw Fault{fmt::format("invalid width {} (must be > 0)", width)};
  if (!v.is_text() || !newline.is_text()) throw Fault{"wordwrap expects a string"};
  Builder out(run.heap);
  bool first = true;
  for (const std::string_view line : split_lines(run.heap, v.bytes(), false)) {
    run.heap.step(2);
    run.heap.charge(line.size(), Work::classify);
    const std::vector<char32_t> points = code_points(line);
    Wrapper wrapper({points.data(), points.size()}, static_cast<size_t>(width), bound.flag(1, true),
                    bound.flag(3, true));
    std::vector<Points> lines = wrapper.wrap();
    if (lines.empty()) lines.emplace_back();
    for (const Points part : lines) {
      if (!first) out += newline.bytes();
      first = false;
      for (const char32_t c : part) out += to_utf8(c);
    }
  }
  return out.finish();
}

}  // namespace loam::jinja
