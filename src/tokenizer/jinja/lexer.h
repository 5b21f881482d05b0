// Template source → tokens, with Jinja's whitespace control (trim_blocks and lstrip_blocks on, as Hugging Face sets).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tokenizer/jinja/heap.h"

namespace loam::jinja {

struct Token {
  enum class Type { data, variable_begin, variable_end, block_begin, block_end, name, text, integer, real, op, end };
  Type type;
  std::string text;  // of data, names, operators; strings unescaped
  int line;
  int64_t integer = 0;
  double real = 0;

  bool is(Type t) const { return type == t; }
  bool is_op(std::string_view symbol) const { return type == Type::op && text == symbol; }
  bool is_name(std::string_view name) const { return type == Type::name && text == name; }
  std::string describe() const;  // for messages
};

// The source is not valid Jinja.
struct SyntaxFault {
  std::string message;
  int line;
};

// Reads tokens as they are asked for, so that a hostile source costs no more than what the parser accepts of it.
class Lexer {
 public:
  Lexer(Heap& heap, std::string_view source);

  // The token `ahead` places on; past the end of the source, one of type `end`. SyntaxFault.
  const Token& peek(size_t ahead = 0);
  Token next();
  int line() const { return line_; }

 private:
  struct Tag {
    size_t at = std::string::npos;
    char kind = 0;  // '%', '{' or '#'
  };

  void read();
  void read_root();
  Tag next_tag() const;
  std::string_view strip_before(std::string_view text, char sign, bool variable) const;
  size_t match_raw_begin(size_t i) const;
  size_t match_end(size_t i, std::string_view close, bool block) const;
  void read_raw(size_t begin);
  void read_comment(size_t begin);
  void read_in_tag();
  void read_token();
  void read_name();
  void read_number();
  void push_real(size_t end);
  void read_integer(size_t end);
  void read_string(char quote);
  void read_operator();
  void balance(char symbol);

  std::string_view rest() const { return std::string_view(source_).substr(position_); }
  char at(size_t i) const { return i < source_.size() ? source_[i] : '\0'; }
  size_t skip_space(size_t i) const;
  size_t skip_digits(size_t i) const;
  void push(Token::Type type, std::string text, size_t end);
  void push_data(std::string_view text);
  void advance(size_t end);

  Heap& heap_;
  std::string source_;
  std::deque<Token> tokens_;  // read, but not taken yet
  size_t position_ = 0;
  int line_ = 1;
  bool line_starting_ = true;
  bool in_tag_ = false, in_variable_ = false;
  std::string open_;  // what closes the brackets open in this tag
};

}  // namespace loam::jinja
