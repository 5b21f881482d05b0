// HTML as a reader of the page sees it: headings, paragraphs, lists, tables; no scripts, styles or what is hidden in
// <head>.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "memory/documents/document_builder.h"
#include "memory/documents/document_reader.h"
#include "memory/documents/markup_scanner.h"

namespace loam {
namespace {

constexpr std::array<std::string_view, 8> kUnreadTags = {"script",   "style",  "noscript", "template",
                                                         "textarea", "iframe", "object",   "svg"};
// Tags that stay within a paragraph; all others end it.
constexpr std::array<std::string_view, 31> kInlineTags = {
    "a",      "abbr", "b",   "bdi",  "bdo", "cite",  "code", "data", "del", "dfn",   "em",
    "font",   "i",    "img", "ins",  "kbd", "label", "mark", "q",    "s",   "small", "span",
    "strong", "sub",  "sup", "time", "tt",  "u",     "var",  "wbr",  "ruby"};

template <size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// 1…6 for "h1"…"h6", else 0.
int html_heading_level(std::string_view name) {
  return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' ? name[1] - '0' : 0;
}

void open_tag(DocumentBuilder& builder, MarkupScanner& scanner, const MarkupPiece& piece) {
  if (is_one_of(kUnreadTags, piece.name)) {
    if (!piece.closes_itself) scanner.skip_element(piece.name);
  } else if (piece.name == "title") {
    const std::string title = replace_entities(scanner.skip_element("title"));
    if (!builder.has_title()) builder.set_title(title);
  } else if (piece.name == "td" || piece.name == "th") {
    builder.append(" | ");
  } else if (piece.name == "br") {
    builder.append(" ");
  } else if (!is_one_of(kInlineTags, piece.name)) {
    builder.end_block();
    if (piece.name == "li") builder.append("- ");
    if (piece.name == "pre") builder.keep_lines(true);
  }
}

void close_tag(DocumentBuilder& builder, const MarkupPiece& piece) {
  if (const int level = html_heading_level(piece.name)) {
    builder.end_heading(level);
  } else if (piece.name != "td" && piece.name != "th" && piece.name != "br" && !is_one_of(kInlineTags, piece.name)) {
    builder.end_block();
    if (piece.name == "pre") builder.keep_lines(false);
  }
}

}  // namespace

Document read_html(std::string_view text) {
  DocumentBuilder builder;
  MarkupScanner scanner(text);
  for (MarkupPiece piece = scanner.next(); piece.kind != MarkupPiece::Kind::end; piece = scanner.next()) {
    switch (piece.kind) {
      case MarkupPiece::Kind::text: builder.append(replace_entities(piece.text)); break;
      case MarkupPiece::Kind::open: open_tag(builder, scanner, piece); break;
      default: close_tag(builder, piece);
    }
  }
  return builder.take();
}

}  // namespace loam
