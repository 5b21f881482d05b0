// Template source → ast.h.
#pragma once

#include "tokenizer/jinja/ast.h"
#include "tokenizer/jinja/lexer.h"

namespace loam::jinja {

// SyntaxFault where the source is not valid, nests too deep or is too much work.
Template parse(std::string_view source, const TemplateLimits& limits);

// Recursive descent after Jinja's own grammar; expressions in parser_expression.cpp.
class Parser {
 public:
  Parser(Heap& heap, std::string_view source) : lexer_(heap, source), max_depth_(heap.limits().depth) {}
  Template run();
  int line() const { return lexer_.line(); }

 private:
  using EndTags = std::vector<std::string_view>;
  struct Nested;  // counts one level of nesting while it lives
  struct Soft;    // unknown filters and tests are errors only when reached, as inside `if`

  // statements
  Body parse_body(const EndTags& end);          // up to a tag in `end`, whose name is then current
  Body parse_block(const EndTags& end);         // the same after the tag's closing
  Body parse_last_block(std::string_view end);  // …and past the end tag's name
  std::unique_ptr<Statement> parse_statement();
  std::unique_ptr<Statement> parse_set();
  std::unique_ptr<Statement> parse_if();
  std::unique_ptr<Statement> parse_for();
  std::unique_ptr<Statement> parse_macro();
  std::unique_ptr<Statement> parse_call_block();
  std::unique_ptr<Statement> parse_filter_block();
  std::unique_ptr<Statement> parse_with();
  std::unique_ptr<Statement> parse_group(std::string_view end);
  std::unique_ptr<Statement> parse_print_tag();
  std::unique_ptr<Statement> parse_jump(Flow flow);
  void parse_signature(Macro& macro);
  void parse_macro_body(Macro& macro, std::string_view end);
  Target parse_target(bool namespaces, std::string_view end = {});
  Target parse_target_item(bool namespaces);

  // expressions, the loosest binding first
  ExpressionPtr parse_tuple(bool conditional = true, std::string_view end = {}, bool parentheses = false);
  ExpressionPtr parse_expression(bool conditional = true);
  ExpressionPtr parse_conditional();
  ExpressionPtr parse_logical(bool conjunction);
  ExpressionPtr parse_not();
  ExpressionPtr parse_comparison();
  bool parse_comparator(Comparator& op);
  ExpressionPtr parse_sum();
  ExpressionPtr parse_concatenation();
  ExpressionPtr parse_product();
  ExpressionPtr parse_power();
  ExpressionPtr parse_unary(bool filters = true);
  ExpressionPtr parse_primary();
  ExpressionPtr parse_list();
  ExpressionPtr parse_dict();
  ExpressionPtr parse_postfix(ExpressionPtr expression);
  ExpressionPtr parse_postfix_and_filters(ExpressionPtr expression);
  ExpressionPtr parse_subscript(ExpressionPtr object);
  ExpressionPtr parse_slice(ExpressionPtr object, int line);
  ExpressionPtr parse_call(ExpressionPtr callee);
  CallArguments parse_arguments();
  void parse_argument(CallArguments& arguments);
  ExpressionPtr parse_filter(ExpressionPtr input);  // after the `|`
  ExpressionPtr parse_filters(ExpressionPtr input);
  ExpressionPtr parse_test(ExpressionPtr input);
  CallArguments parse_test_arguments();
  template <class Operand>
  ExpressionPtr parse_chain(const std::vector<std::pair<std::string_view, Arithmetic>>& operators, Operand&& operand);

  // tokens
  const Token& current() { return lexer_.peek(); }
  const Token& look() { return lexer_.peek(1); }
  Token next() { return lexer_.next(); }
  bool skip_op(std::string_view symbol);
  bool skip_name(std::string_view name);
  void expect_op(std::string_view symbol);
  void expect(Token::Type type, std::string_view description);
  std::string expect_name();
  int use_name(const std::string& name);  // its id; notes caller, varargs and kwargs for the macros around
  [[noreturn]] void fail(std::string message) { throw SyntaxFault{std::move(message), current().line}; }
  [[noreturn]] void fail_unknown_tag(const EndTags& end);

  template <class Node>
  std::unique_ptr<Node> make(int line) const {
    auto node = std::make_unique<Node>();
    node->line = line;
    return node;
  }

  Lexer lexer_;
  int max_depth_, depth_ = 0, loops_ = 0;
  bool soft_ = false;
  Names names_;
  std::vector<Macro*> macros_;     // those being parsed, outermost first
  std::vector<EndTags> end_tags_;  // what would close the blocks being parsed
  std::vector<std::string> open_tags_;
};

struct Parser::Nested {
  explicit Nested(Parser& parser, int levels = 0) : parser(parser) {
    if (++parser.depth_ + levels > parser.max_depth_) {
      --parser.depth_;
      parser.fail("depth: the source nests deeper than " + std::to_string(parser.max_depth_) + " levels");
    }
  }
  ~Nested() { --parser.depth_; }
  Parser& parser;
};

struct Parser::Soft {
  Soft(Parser& parser, bool soft) : parser(parser), outer(std::exchange(parser.soft_, soft)) {}
  ~Soft() { parser.soft_ = outer; }
  Parser& parser;
  bool outer;
};

}  // namespace loam::jinja
