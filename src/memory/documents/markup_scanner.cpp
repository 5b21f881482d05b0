#include "memory/documents/markup_scanner.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/utf8.h"

namespace loam {
namespace {

struct NamedEntity {
  std::string_view name;
  char32_t value;
};

// Those that texts are written with; letters with accents come as UTF-8 today.
constexpr std::array<NamedEntity, 34> kEntities = {{
    {"amp", '&'},      {"lt", '<'},       {"gt", '>'},        {"quot", '"'},     {"apos", '\''},    {"nbsp", ' '},
    {"ensp", ' '},     {"emsp", ' '},     {"thinsp", ' '},    {"shy", 0xAD},     {"ndash", 0x2013}, {"mdash", 0x2014},
    {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"sbquo", 0x201A},  {"ldquo", 0x201C}, {"rdquo", 0x201D}, {"bdquo", 0x201E},
    {"laquo", 0xAB},   {"raquo", 0xBB},   {"hellip", 0x2026}, {"bull", 0x2022},  {"middot", 0xB7},  {"copy", 0xA9},
    {"reg", 0xAE},     {"trade", 0x2122}, {"deg", 0xB0},      {"times", 0xD7},   {"euro", 0x20AC},  {"sect", 0xA7},
    {"para", 0xB6},    {"rarr", 0x2192},  {"larr", 0x2190},   {"plusmn", 0xB1},
}};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

// The value of "#233" or "#x416"; 0 where it is none.
char32_t numbered_entity(std::string_view name) {
  const bool is_hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
  const std::string_view digits = name.substr(is_hex ? 2 : 1);
  uint32_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hex ? 16 : 10);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return 0;
  const bool is_character = value >= 0x20 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  return is_character || value == '\n' || value == '\t' ? value : 0;
}

char32_t entity_value(std::string_view name) {
  if (name.starts_with('#')) return numbered_entity(name);
  const auto found = std::ranges::find(kEntities, name, &NamedEntity::name);
  return found != kEntities.end() ? found->value : 0;
}

}  // namespace

std::string replace_entities(std::string_view text) {
  constexpr size_t kLongestName = 10;
  std::string replaced;
  for (size_t at = 0; at < text.size();) {
    const size_t mark = std::min(text.find('&', at), text.size());
    replaced += text.substr(at, mark - at);
    if (mark == text.size()) break;
    const size_t end = text.substr(0, std::min(mark + kLongestName + 2, text.size())).find(';', mark);
    const char32_t value = end != std::string_view::npos ? entity_value(text.substr(mark + 1, end - mark - 1)) : 0;
    if (value != 0) {
      append_utf8(replaced, value);
      at = end + 1;
    } else {
      replaced += '&';
      at = mark + 1;
    }
  }
  return replaced;
}

std::string markup_attribute(std::string_view attributes, std::string_view name) {
  for (size_t at = 0; at < attributes.size();) {
    while (at < attributes.size() && (is_space(attributes[at]) || attributes[at] == '/')) ++at;
    const size_t begin = at;
    while (at < attributes.size() && attributes[at] != '=' && !is_space(attributes[at])) ++at;
    const std::string_view found = attributes.substr(begin, at - begin);
    while (at < attributes.size() && is_space(attributes[at])) ++at;
    std::string_view value;
    if (at < attributes.size() && attributes[at] == '=') {
      do ++at;
      while (at < attributes.size() && is_space(attributes[at]));
      const char quote = at < attributes.size() ? attributes[at] : ' ';
      const bool is_quoted = quote == '"' || quote == '\'';
      const size_t value_begin = at + (is_quoted ? 1 : 0);
      at = std::min(is_quoted ? attributes.find(quote, value_begin) : attributes.find_first_of(" \t\r\n", value_begin),
                    attributes.size());
      if (value_begin <= at) value = attributes.substr(value_begin, at - value_begin);
      if (is_quoted) ++at;
    }
    if (lower_case(found) == name) return replace_entities(value);
  }
  return {};
}

MarkupPiece MarkupScanner::next() {
  while (at_ < text_.size()) {
    if (text_[at_] == '<') {
      if (skip_declaration()) continue;
      return read_tag();
    }
    const size_t end = std::min(text_.find('<', at_), text_.size());
    MarkupPiece piece;
    piece.kind = MarkupPiece::Kind::text;
    piece.text = text_.substr(at_, end - at_);
    at_ = end;
    return piece;
  }
  return {};
}

// At a '<': past a comment, a declaration or an instruction, if one begins here. What a CDATA section holds goes on as
// text (a '<' in it as a tag, which costs a word of a broken example and no more).
bool MarkupScanner::skip_declaration() {
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("<!--")) {
    at_ += 4;
    skip_past("-->");
  } else if (rest.starts_with("<![CDATA[")) {
    at_ += 9;
  } else if (rest.starts_with("<?")) {
    skip_past("?>");
  } else if (rest.starts_with("<!")) {
    // A document type may hold declarations in brackets: entities are not declared here, only left out.
    const std::string_view declaration = rest.substr(0, rest.find('>'));
    skip_past(declaration.find('[') != std::string_view::npos ? "]>" : ">");
  } else {
    return false;
  }
  return true;
}

void MarkupScanner::skip_past(std::string_view mark) {
  const size_t found = text_.find(mark, at_);
  at_ = found == std::string_view::npos ? text_.size() : found + mark.size();
}

MarkupPiece MarkupScanner::read_tag() {
  MarkupPiece piece;
  size_t at = at_ + 1;
  const bool is_close = at < text_.size() && text_[at] == '/';
  if (is_close) ++at;
  const size_t name_begin = at;
  const auto begins_name = [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; };
  if (at == text_.size() || !begins_name(text_[at])) {  // "a < b"
    piece.kind = MarkupPiece::Kind::text;
    piece.text = text_.substr(at_++, 1);
    return piece;
  }
  while (at < text_.size() && !is_space(text_[at]) && text_[at] != '>' && text_[at] != '/') ++at;
  piece.name = lower_case(text_.substr(name_begin, std::min<size_t>(at - name_begin, 64)));
  const size_t attributes = at;
  for (char quote = 0; at < text_.size() && (quote != 0 || text_[at] != '>'); ++at) {
    if (quote == text_[at]) {
      quote = 0;
    } else if (quote == 0 && (text_[at] == '"' || text_[at] == '\'')) {
      quote = text_[at];
    }
  }
  piece.kind = is_close ? MarkupPiece::Kind::close : MarkupPiece::Kind::open;
  piece.text = text_.substr(attributes, at - attributes);
  piece.closes_itself = piece.text.ends_with('/');
  at_ = std::min(at + 1, text_.size());
  return piece;
}

std::string_view MarkupScanner::skip_element(std::string_view name) {
  const size_t begin = at_;
  for (;;) {
    const size_t mark = text_.find("</", at_);
    if (mark == std::string_view::npos) {
      at_ = text_.size();
      return text_.substr(begin);
    }
    at_ = mark + 2;
    if (lower_case(text_.substr(at_, name.size())) == name) {
      skip_past(">");
      return text_.substr(begin, mark - begin);
    }
  }
}

}  // namespace loam
