#include "tokenizer/jinja/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "base/utf8.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

constexpr int64_t kTokenSteps = 6;  // to read one and make its node

// "\r\n" and "\r" become "\n", and one newline at the end is dropped (keep_trailing_newline is off).
std::string normalise_newlines(std::string_view source, bool drop_last) {
  std::string out;
  out.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] != '\r') {
      out += source[i];
      continue;
    }
    out += '\n';
    if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
  }
  if (drop_last && out.ends_with('\n')) out.pop_back();
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Bytes of the code point at text[i] where a name may hold it: letters, digits and _ of any script; 0 otherwise.
size_t name_bytes(std::string_view text, size_t i) {
  if (i >= text.size()) return 0;
  if (static_cast<signed char>(text[i]) >= 0) return is_name_start(text[i]) || is_digit(text[i]) ? 1 : 0;
  const auto n = static_cast<size_t>(decode_utf8(text, i).bytes);
  return is_in_class(decode_utf8(text, i).value, CharacterClass::alnum) ? n : 0;
}

}  // namespace

Lexer::Lexer(Heap& heap, std::string_view source) : heap_(heap), source_(normalise_newlines(source, true)) {
  heap_.charge(source.size(), Work::decode);
}

const Token& Lexer::peek(size_t ahead) {
  while (tokens_.size() <= ahead) read();
  return tokens_[ahead];
}

Token Lexer::next() {
  Token token = peek();
  if (!token.is(Token::Type::end)) tokens_.pop_front();
  return token;
}

void Lexer::read() {
  if (position_ >= source_.size()) {
    tokens_.push_back({Token::Type::end, "", line_});
  } else if (in_tag_) {
    read_in_tag();
  } else {
    read_root();
  }
}

// Text up to the next tag, then that tag.
void Lexer::read_root() {
  const Tag tag = next_tag();
  if (tag.at == std::string::npos) {
    push_data(rest());
    advance(source_.size());
    return;
  }
  size_t after = tag.at + 2;
  const char sign = at(after) == '-' || at(after) == '+' ? at(after) : '\0';
  if (sign) ++after;
  push_data(strip_before(rest().substr(0, tag.at - position_), sign, tag.kind == '{'));
  advance(tag.at);
  if (tag.kind == '%') {
    if (const size_t raw_end = match_raw_begin(after)) return read_raw(raw_end);
  }
  if (tag.kind == '#') return read_comment(after);
  in_tag_ = true;
  in_variable_ = tag.kind == '{';
  push(in_variable_ ? Token::Type::variable_begin : Token::Type::block_begin, "", after);
}

Lexer::Tag Lexer::next_tag() const {
  for (size_t i = source_.find('{', position_); i != std::string::npos; i = source_.find('{', i + 1)) {
    const char next = at(i + 1);
    if (next == '%' || next == '{' || next == '#') return {i, next};
  }
  return {};
}

// What is left of the text before a tag: '-' takes all whitespace, lstrip_blocks that of the tag's own line.
std::string_view Lexer::strip_before(std::string_view text, char sign, bool variable) const {
  if (sign == '-') return strip(heap_, text, nullptr, false, true);
  if (sign == '+' || variable) return text;
  const size_t newline = text.rfind('\n');
  if (newline == std::string_view::npos && !line_starting_) return text;
  const size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  return strip(heap_, text.substr(begin), nullptr, true, true).empty() ? text.substr(0, begin) : text;
}

// The end of `{%- raw -%}` whose tag's name is looked for at `i`; 0 where it is another tag.
size_t Lexer::match_raw_begin(size_t i) const {
  i = skip_space(i);
  if (source_.compare(i, 3, "raw") != 0) return 0;
  i = skip_space(i + 3);
  if (source_.compare(i, 2, "%}") == 0) return i + 2;
  if (source_.compare(i, 3, "-%}") == 0) return skip_space(i + 3);
  return 0;
}

void Lexer::read_raw(size_t begin) {
  const int first_line = line_;
  advance(begin);
  for (size_t tag = source_.find("{%", position_); tag != std::string::npos; tag = source_.find("{%", tag + 1)) {
    const char sign = at(tag + 2) == '-' || at(tag + 2) == '+' ? at(tag + 2) : '\0';
    size_t i = skip_space(tag + 2 + (sign ? 1 : 0));
    if (source_.compare(i, 6, "endraw") != 0) continue;
    const size_t end = match_end(skip_space(i + 6), "%}", true);
    if (!end) continue;
    push_data(strip_before(rest().substr(0, tag - position_), sign, false));
    advance(end);
    return;
  }
  throw SyntaxFault{"Missing end of raw directive", first_line};
}

void Lexer::read_comment(size_t begin) {
  for (size_t i = source_.find("#}", begin); i != std::string::npos; i = source_.find("#}", i + 1)) {
    const bool signed_end = i > begin && (source_[i - 1] == '-' || source_[i - 1] == '+');
    advance(match_end(signed_end ? i - 1 : i, "#}", true));
    return;
  }
  throw SyntaxFault{"Missing end of comment tag", line_};
}

// The place after `close` at `i`, with what its sign or trim_blocks takes; 0 where there is none.
size_t Lexer::match_end(size_t i, std::string_view close, bool block) const {
  const auto closes = [&](size_t k) { return source_.compare(k, 2, close) == 0; };
  if (at(i) == '-' && closes(i + 1)) return skip_space(i + 3);
  if (block && at(i) == '+' && closes(i + 1)) return i + 3;
  if (i >= source_.size() || !closes(i)) return 0;
  return block && at(i + 2) == '\n' ? i + 3 : i + 2;
}

// One token of the tag, or its end.
void Lexer::read_in_tag() {
  const size_t end = open_.empty() ? match_end(position_, in_variable_ ? "}}" : "%}", !in_variable_) : 0;
  if (end) {
    push(in_variable_ ? Token::Type::variable_end : Token::Type::block_end, "", end);
    in_tag_ = false;
    return;
  }
  const size_t space = skip_space(position_);
  if (space != position_) {
    advance(space);
  } else {
    read_token();
  }
}

void Lexer::read_token() {
  const char c = source_[position_];
  if (is_digit(c)) return read_number();
  if (name_bytes(source_, position_) > 0) return read_name();
  if (c == '\'' || c == '"') return read_string(c);
  read_operator();
}

void Lexer::read_name() {
  size_t end = position_;
  while (const size_t n = name_bytes(source_, end)) end += n;
  push(Token::Type::name, std::string(rest().substr(0, end - position_)), end);
}

size_t Lexer::skip_digits(size_t i) const {
  while (is_digit(at(i)) || (at(i) == '_' && is_digit(at(i + 1)))) ++i;
  return i;
}

void Lexer::read_number() {
  size_t end = skip_digits(position_);
  const bool attribute = position_ > 0 && source_[position_ - 1] == '.';  // x.0.1 has no float in it
  bool real = false;
  if (!attribute && at(end) == '.' && is_digit(at(end + 1))) {
    end = skip_digits(end + 1);
    real = true;
  }
  size_t exponent = end + 1;
  if (at(exponent) == '+' || at(exponent) == '-') ++exponent;
  if (!attribute && (at(end) == 'e' || at(end) == 'E') && is_digit(at(exponent))) {
    end = skip_digits(exponent);
    real = true;
  }
  return real ? push_real(end) : read_integer(end);
}

void Lexer::push_real(size_t end) {
  std::string digits(rest().substr(0, end - position_));
  std::erase(digits, '_');
  Token token{Token::Type::real, digits, line_};
  token.real = std::strtod(digits.c_str(), nullptr);  // too large a one is inf, as in Python
  tokens_.push_back(std::move(token));
  advance(end);
}

void Lexer::read_integer(size_t end) {
  const auto is_base_digit = [](char c, int base) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    return lower >= '0' && (lower < '0' + std::min(base, 10) || (base == 16 && lower >= 'a' && lower <= 'f'));
  };
  const char prefix = source_[position_] == '0' ? at(position_ + 1) : '\0';
  int base = prefix == 'x' || prefix == 'X'   ? 16
             : prefix == 'o' || prefix == 'O' ? 8
             : prefix == 'b' || prefix == 'B' ? 2
                                              : 10;
  size_t begin = position_;
  const size_t first = at(position_ + 2) == '_' ? position_ + 3 : position_ + 2;
  if (base != 10 && is_base_digit(at(first), base)) {
    begin = end = first;
    while (is_base_digit(at(end), base) || (at(end) == '_' && is_base_digit(at(end + 1), base))) ++end;
  } else {
    base = 10;
    if (source_[position_] == '0') {  // zeros stand alone: 007 is not a number
      end = position_;
      while (at(end) == '0' || (at(end) == '_' && at(end + 1) == '0')) ++end;
    }
  }
  std::string digits = source_.substr(begin, end - begin);
  std::erase(digits, '_');
  Token token{Token::Type::integer, digits, line_};
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), token.integer, base);
  if (result.ec != std::errc())
    throw SyntaxFault{fmt::format("the number {} is out of range", digits.substr(0, 40)), line_};
  tokens_.push_back(std::move(token));
  advance(end);
}

void Lexer::read_string(char quote) {
  size_t end = position_ + 1;
  while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
  if (end >= source_.size()) {
    throw SyntaxFault{fmt::format("unexpected char {} at {}", quote == '"' ? "'\"'" : "\"'\"", position_), line_};
  }
  const std::optional<std::string> value = unescape(source_.substr(position_ + 1, end - position_ - 1));
  if (!value) throw SyntaxFault{"invalid escape in a string", line_};
  push(Token::Type::text, *value, end + 1);
}

void Lexer::read_operator() {
  static constexpr std::array<std::string_view, 26> kOperators = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/",
                                                                  "*",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                                                  ">",  "<",  "=",  ".",  ":",  "|",  ",", ";"};
  const auto op = std::find_if(kOperators.begin(), kOperators.end(),
                               [&](std::string_view symbol) { return rest().starts_with(symbol); });
  if (op == kOperators.end()) {
    const std::string_view c = rest().substr(0, static_cast<size_t>(decode_utf8(source_, position_).bytes));
    const size_t place = count_code_points(std::string_view(source_).substr(0, position_));
    throw SyntaxFault{fmt::format("unexpected char {} at {}", quote(c), place), line_};
  }
  balance((*op)[0]);
  push(Token::Type::op, std::string(*op), position_ + op->size());
}

void Lexer::balance(char symbol) {
  static constexpr std::string_view kOpen = "([{", kClose = ")]}";
  if (kOpen.find(symbol) != std::string_view::npos) open_ += kClose[kOpen.find(symbol)];
  if (kClose.find(symbol) == std::string_view::npos) return;
  if (open_.empty()) throw SyntaxFault{fmt::format("unexpected '{}'", symbol), line_};
  if (open_.back() != symbol) {
    throw SyntaxFault{fmt::format("unexpected '{}', expected '{}'", symbol, open_.back()), line_};
  }
  open_.pop_back();
}

size_t Lexer::skip_space(size_t i) const {
  if (i >= source_.size()) return source_.size();
  const std::string_view tail = std::string_view(source_).substr(i);
  return source_.size() - skip_whitespace(tail).size();
}

void Lexer::push(Token::Type type, std::string text, size_t end) {
  heap_.step(kTokenSteps);
  tokens_.push_back({type, std::move(text), line_});
  advance(end);
}
void Lexer::push_data(std::string_view text) {
  if (!text.empty()) tokens_.push_back({Token::Type::data, std::string(text), line_});
}

void Lexer::advance(size_t end) {
  line_ += static_cast<int>(std::count(source_.begin() + position_, source_.begin() + end, '\n'));
  if (end > position_) line_starting_ = source_[end - 1] == '\n';
  position_ = end;
}

std::string Token::describe() const {
  switch (type) {
    case Type::data: return "template data / text";
    case Type::variable_begin: return "begin of print statement";
    case Type::variable_end: return "end of print statement";
    case Type::block_begin: return "begin of statement block";
    case Type::block_end: return "end of statement block";
    case Type::text: return "string";
    case Type::integer: return "integer";
    case Type::real: return "float";
    case Type::end: return "end of template";
    default: return text;
  }
}

}  // namespace loam::jinja
