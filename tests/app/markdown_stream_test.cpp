#include "app/markdown_stream.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "app/terminal.h"
#include "base/utf8.h"

namespace loam {
namespace {

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// Escape sequences by name: <b>old, <i>talic, <c>yan, <g>reen, <d>im, </> reset.
std::string readable(std::string text) {
  for (const auto& [code, name] : {std::pair{"\x1b[0m", "</>"},
                                   {"\x1b[1m", "<b>"},
                                   {"\x1b[2m", "<d>"},
                                   {"\x1b[3m", "<i>"},
                                   {"\x1b[32m", "<g>"},
                                   {"\x1b[36m", "<c>"}})
    text = replace_all(std::move(text), code, name);
  return text;
}

std::string rendered(std::string_view text) {
  MarkdownStream stream;
  std::string out = stream.push(text);
  return readable(out + stream.finish());
}

std::string rendered_by_characters(std::string_view text) {
  MarkdownStream stream;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto n = static_cast<size_t>(decode_utf8(text, i).bytes);
    out += stream.push(text.substr(i, n));
    i += n;
  }
  return readable(out + stream.finish());
}

std::string without_styles(std::string text) {
  for (const char* name : {"</>", "<b>", "<d>", "<i>", "<g>", "<c>"}) text = replace_all(std::move(text), name, "");
  return text;
}

TEST(MarkdownStream, StylesSpans) {
  EXPECT_EQ(rendered("a **bold** and *thin* `x*y` end"), "a <b>bold</> and <i>thin</> <c>x*y</> end");
  EXPECT_EQ(rendered("***both***"), "<b><i>both</>");
  EXPECT_EQ(rendered("``a`b``"), "<c>a`b</>");
}

TEST(MarkdownStream, NestsSpans) { EXPECT_EQ(rendered("**a *b* `c` d**"), "<b>a <b><i>b</><b> <c>c</><b> d</>"); }

TEST(MarkdownStream, KeepsWhatIsNotMarkup) {
  for (const char* text : {"2 * 3 * 4", "a*b*c", "**never closed\nnext", "`open\nline", "snake_case_name", "1.5 times",
                           "-5 degrees", "#hashtag", "tail *", "tail **", "100", "\\n and \\alpha"})
    EXPECT_EQ(rendered(text), text);
}

TEST(MarkdownStream, UnescapesMarks) { EXPECT_EQ(rendered("\\*not thin\\*"), "*not thin*"); }

TEST(MarkdownStream, DrawsBlocks) {
  EXPECT_EQ(rendered("## Title\ntext"), "<b>Title</>\ntext");
  EXPECT_EQ(rendered("- one\n  * two\n+ three"), "<c>•</> one\n  <c>•</> two\n<c>•</> three");
  EXPECT_EQ(rendered("1. one\n12) two"), "<c>1. </>one\n<c>12) </>two");
  EXPECT_EQ(rendered("> quote\n> - item"), "<d>│</> quote\n<d>│</> <c>•</> item");
  EXPECT_EQ(rendered("a\n\n---\nb"), "a\n\n<d>────────────────</>\nb");
}

TEST(MarkdownStream, LeavesFencedBlocksAlone) {
  const std::string code = "x = a ** b  # **no**\n- `y`\n``\n";
  const std::string out = rendered("```python\n" + code + "```\n**yes**");
  EXPECT_EQ(out, "<d>```python</>\n<g>x = a ** b  # **no**</>\n<g>- `y`</>\n<g>``</>\n<d>```</>\n<b>yes</>");
  EXPECT_EQ(without_styles(rendered("```\n" + code)), "```\n" + code);
  EXPECT_EQ(rendered("````\n```\n````"), "<d>````</>\n<g>```</>\n<d>````</>");
}

TEST(MarkdownStream, ArrivingBitByBitLooksTheSame) {
  const std::string text =
      "# Head **x**\n\nSome *text* with `code` and **bold *deep* end**, 2 * 3.\n\n- a\n- **b**\n  1. c\n\n> "
      "q\n\n```c++\n"
      "int *p = **q;\n```\n---\nend `open";
  EXPECT_EQ(without_styles(rendered_by_characters(text)), without_styles(rendered(text)));
  EXPECT_EQ(without_styles(rendered(text)),
            "Head x\n\nSome text with code and bold deep end, 2 * 3.\n\n• a\n• b\n  1. c\n\n│ q\n\n```c++\nint *p = "
            "**q;\n```\n"
            "────────────────\nend `open");
}

TEST(MarkdownStream, AnyMarksLookTheSameHoweverTheyArrive) {
  const std::vector<std::string> parts{"*",   "**", "`",   "```", "\n", "#",   "# ", "- ",  "> ",
                                       "1. ", "a",  "b c", " ",   "_",  "~~~", "\\", "---", "한"};
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (size_t n = random() % 25; n > 0; --n) text += parts[random() % parts.size()];
    EXPECT_EQ(without_styles(rendered_by_characters(text)), without_styles(rendered(text))) << text;
  }
}

TEST(MarkdownStream, IsLinearInALongLine) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "*a `b ";
  MarkdownStream stream;
  std::string out = stream.push(text);
  out += stream.finish();
  // Each "`b *a `" is code: two marks fewer, and the bytes of a style and its end more.
  EXPECT_EQ(out.size(), text.size() + 100'000 * (style::kCyan.size() + style::kReset.size() - 2));
}

TEST(MarkdownStream, ShowsPlainTextAtOnce) {
  MarkdownStream stream;
  EXPECT_EQ(stream.push("Hello"), "Hello");
  EXPECT_EQ(stream.push(" wor"), " wor");
  EXPECT_EQ(stream.push(" **b"), " ");
  EXPECT_EQ(readable(stream.push("** x")), "<b>b</> x");
}

TEST(MarkdownStream, GivesUpWaitingOnALongLine) {
  MarkdownStream stream;
  const std::string text = "*" + std::string(3000, 'x');
  EXPECT_EQ(stream.push(text), text);
}

TEST(MarkdownStream, EscapesControlCharacters) {
  EXPECT_EQ(rendered("a\x1b]0;title\x07"
                     "b\tc\r\xC2\x9B"
                     "31m"),
            "a\\x1B]0;title\\x07"
            "b\tc\\x0D\\x9B"
            "31m");
}

TEST(Terminal, WideLettersTakeTwoColumns) {
  EXPECT_EQ(terminal_columns(""), 0u);
  EXPECT_EQ(terminal_columns("detail.team"), 11u);
  EXPECT_EQ(terminal_columns("команда"), 7u);
  EXPECT_EQ(terminal_columns("우리 팀"), 7u);
}

}  // namespace
}  // namespace loam
