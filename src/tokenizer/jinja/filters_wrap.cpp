// wordwrap: lines of at most `width` code points, as Python's textwrap cuts them.
#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "base/utf8.h"
#include "tokenizer/jinja/filters.h"
#include "tokenizer/jinja/operators.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

using Points = std::u32string;

bool is_blank(char32_t c) { return c == ' ' || (c >= 9 && c <= 13); }
bool is_letter(char32_t c) { return c == '_' || all_are(to_utf8(c), CharacterClass::alpha); }

struct Wrapper {
  size_t width;
  bool break_long_words, break_on_hyphens;

  std::vector<Points> wrap(const Points& line) const {
    std::deque<Points> chunks = split_chunks(line);
    std::vector<Points> lines;
    while (!chunks.empty()) {
      if (!lines.empty() && is_blank(chunks.front()[0])) chunks.pop_front();
      Points current = fill_line(chunks);
      if (!current.empty()) lines.push_back(std::move(current));
    }
    return lines;
  }

 private:
  // A hyphen after which the word may go on in the next line: behind two letters (or x-y-), before two letters.
  bool breaks_after(const Points& text, size_t i) const {
    const auto letter = [&](size_t k) { return k < text.size() && is_letter(text[k]); };
    if (!break_on_hyphens || text[i] != '-' || i < 2 || !letter(i - 1)) return false;
    const bool before = letter(i - 2) || (i >= 3 && text[i - 2] == '-' && letter(i - 3));
    const bool joined = i + 2 < text.size() && text[i + 2] == '-';
    return before && letter(i + 1) && letter(joined ? i + 3 : i + 2);
  }

  // Runs of blanks, and words or parts of hyphenated words.
  std::deque<Points> split_chunks(const Points& text) const {
    std::deque<Points> chunks;
    bool open = false;
    for (size_t i = 0; i < text.size(); ++i) {
      if (!open || is_blank(text[i]) != is_blank(chunks.back()[0])) chunks.emplace_back();
      chunks.back() += text[i];
      open = !breaks_after(text, i);
    }
    return chunks;
  }

  Points fill_line(std::deque<Points>& chunks) const {
    Points line;
    size_t last = 0;  // where the line's last chunk begins
    while (!chunks.empty() && line.size() + chunks.front().size() <= width) {
      last = line.size();
      line += chunks.front();
      chunks.pop_front();
    }
    if (!chunks.empty() && chunks.front().size() > width) {
      const size_t before = line.size();
      take_long_word(chunks, line);
      if (line.size() > before) last = before;
    }
    if (!line.empty() && is_blank(line[last])) line.resize(last);
    return line;
  }

  void take_long_word(std::deque<Points>& chunks, Points& line) const {
    Points& word = chunks.front();
    if (!break_long_words) {
      if (!line.empty()) return;
      line = std::move(word);
      chunks.pop_front();
      return;
    }
    size_t end = width - line.size();
    const size_t hyphen = end == 0 ? Points::npos : word.rfind(U'-', end - 1);
    if (break_on_hyphens && hyphen != Points::npos && word.find_first_not_of(U'-') < hyphen) end = hyphen + 1;
    line += word.substr(0, end);
    word.erase(0, end);
  }
};

}  // namespace

Value filter_wordwrap(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("wordwrap", std::move(a), {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
  if (v.is_undefined()) throw Fault{v.undefined_message()};
  const int64_t width = bound.integer(0, 79);
  const Value newline = bound[2] && !bound[2]->is_none() ? *bound[2] : run.heap.text("\n");
  if (width <= 0) throw Fault{fmt::format("invalid width {} (must be > 0)", width)};
  if (!v.is_text() || !newline.is_text()) throw Fault{"wordwrap expects a string"};
  const Wrapper wrapper{static_cast<size_t>(width), bound.flag(1, true), bound.flag(3, true)};
  Builder out(run.heap);
  bool first = true;
  for (const std::string_view line : split_lines(v.bytes(), false)) {
    run.heap.step(1 + static_cast<int64_t>(line.size()));
    std::vector<Points> wrapped;
    const std::vector<char32_t> points = code_points(line);
    wrapped = wrapper.wrap({points.begin(), points.end()});
    if (wrapped.empty()) wrapped.emplace_back();
    for (const Points& part : wrapped) {
      if (!first) out += newline.bytes();
      first = false;
      for (const char32_t c : part) out += to_utf8(c);
    }
  }
  return out.finish();
}

}  // namespace loam::jinja
