// Template source → tokens, with Jinja's whitespace control (trim_blocks and lstrip_blocks on, as Hugging Face sets).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

// All tokens, ended by one of type `end`. SyntaxFault.
std::vector<Token> tokenize(std::string_view source);

}  // namespace loam::jinja
