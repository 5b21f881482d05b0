// The expression half of the parser.
#include <fmt/format.h>

#include <algorithm>

#include "tokenizer/jinja/parser.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {

ExpressionPtr Parser::parse_tuple(bool conditional, std::string_view end, bool parentheses) {
  const int line = current().line;
  const auto at_end = [&] {
    return current().is(Token::Type::variable_end) || current().is(Token::Type::block_end) || current().is_op(")") ||
           (!end.empty() && current().is_name(end));
  };
  std::vector<ExpressionPtr> items;
  bool tuple = false;
  while (true) {
    if (!items.empty()) expect_op(",");
    if (at_end()) break;
    items.push_back(parse_expression(conditional));
    if (!current().is_op(",")) break;
    tuple = true;
  }
  if (!tuple && !items.empty()) return std::move(items[0]);
  if (!tuple && !parentheses) fail(fmt::format("Expected an expression, got {}", quote(current().describe())));
  auto node = make<Sequence>(line);
  node->items = std::move(items);
  node->kind = List::Kind::tuple;
  return node;
}

ExpressionPtr Parser::parse_expression(bool conditional) {
  const Nested nested(*this);
  return conditional ? parse_conditional() : parse_logical(false);
}

ExpressionPtr Parser::parse_conditional() {
  int line = current().line;
  ExpressionPtr value = parse_logical(false);
  int chained = 0;
  while (skip_name("if")) {
    const Nested chain(*this, chained++);
    const Soft soft(*this, true);
    auto node = make<Conditional>(line);
    node->yes = std::move(value);
    node->condition = parse_logical(false);
    if (skip_name("else")) node->no = parse_expression();
    value = std::move(node);
    line = current().line;
  }
  return value;
}

// `and` binds tighter than `or`; one function reads either level.
ExpressionPtr Parser::parse_logical(bool conjunction) {
  const int line = current().line;
  const auto operand = [&] { return conjunction ? parse_not() : parse_logical(true); };
  ExpressionPtr first = operand();
  const std::string_view word = conjunction ? "and" : "or";
  if (!current().is_name(word)) return first;
  auto node = make<Logical>(line);
  node->conjunction = conjunction;
  node->operands.push_back(std::move(first));
  while (skip_name(word)) node->operands.push_back(operand());
  return node;
}

ExpressionPtr Parser::parse_not() {
  if (!current().is_name("not")) return parse_comparison();
  const Nested nested(*this);
  auto node = make<Not>(next().line);
  node->operand = parse_not();
  return node;
}

bool Parser::parse_comparator(Comparator& op) {
  static constexpr std::pair<std::string_view, Comparator> kOperators[] = {
      {"==", Comparator::equal},      {"!=", Comparator::not_equal}, {"<", Comparator::less},
      {"<=", Comparator::less_equal}, {">", Comparator::greater},    {">=", Comparator::greater_equal}};
  for (const auto& [symbol, comparator] : kOperators) {
    if (skip_op(symbol)) {
      op = comparator;
      return true;
    }
  }
  op = Comparator::in;
  if (skip_name("in")) return true;
  if (!current().is_name("not") || !look().is_name("in")) return false;
  next();
  next();
  op = Comparator::not_in;
  return true;
}

ExpressionPtr Parser::parse_comparison() {
  const int line = current().line;
  ExpressionPtr first = parse_sum();
  Comparator op;
  if (!parse_comparator(op)) return first;
  auto node = make<Comparison>(line);
  node->first = std::move(first);
  do {
    node->rest.emplace_back(op, parse_sum());
  } while (parse_comparator(op));
  return node;
}

template <class Operand>
ExpressionPtr Parser::parse_chain(const std::vector<std::pair<std::string_view, Arithmetic>>& operators,
                                  Operand&& operand) {
  const int line = current().line;
  ExpressionPtr first = operand();
  std::unique_ptr<Chain> chain;
  while (true) {
    const auto op = std::find_if(operators.begin(), operators.end(),
                                 [&](const auto& candidate) { return current().is_op(candidate.first); });
    if (op == operators.end()) break;
    next();
    if (!chain) {
      chain = make<Chain>(line);
      chain->first = std::move(first);
    }
    chain->rest.emplace_back(op->second, operand());
  }
  return chain ? std::move(chain) : std::move(first);
}

ExpressionPtr Parser::parse_sum() {
  return parse_chain({{"+", Arithmetic::add}, {"-", Arithmetic::subtract}}, [this] { return parse_concatenation(); });
}

ExpressionPtr Parser::parse_concatenation() {
  const int line = current().line;
  ExpressionPtr first = parse_product();
  if (!current().is_op("~")) return first;
  auto node = make<Concatenation>(line);
  node->parts.push_back(std::move(first));
  while (skip_op("~")) node->parts.push_back(parse_product());
  return node;
}

ExpressionPtr Parser::parse_product() {
  return parse_chain({{"*", Arithmetic::multiply},
                      {"/", Arithmetic::divide},
                      {"//", Arithmetic::floor_divide},
                      {"%", Arithmetic::modulo}},
                     [this] { return parse_power(); });
}

// Left-associative in Jinja, unlike Python: 2 ** 3 ** 2 is 64.
ExpressionPtr Parser::parse_power() {
  return parse_chain({{"**", Arithmetic::power}}, [this] { return parse_unary(); });
}

ExpressionPtr Parser::parse_unary(bool filters) {
  ExpressionPtr value;
  if (current().is_op("-") || current().is_op("+")) {
    const Nested nested(*this);
    auto node = make<Sign>(current().line);
    node->negative = next().is_op("-");
    node->operand = parse_unary(false);
    value = std::move(node);
  } else {
    value = parse_primary();
  }
  value = parse_postfix(std::move(value));
  return filters ? parse_postfix_and_filters(std::move(value)) : std::move(value);
}

ExpressionPtr Parser::parse_primary() {
  const int line = current().line;
  const auto constant = [&](Value value) {
    auto node = make<Constant>(line);
    node->value = std::move(value);
    return node;
  };
  const auto text = [](std::string bytes) { return Heap({.output_bytes = INT64_MAX / 16}).text(std::move(bytes)); };
  if (current().is(Token::Type::text)) {
    std::string joined;
    while (current().is(Token::Type::text)) joined += next().text;  // adjacent literals are one
    return constant(text(std::move(joined)));
  }
  if (current().is_op("[")) return parse_list();
  if (current().is_op("{")) return parse_dict();
  if (skip_op("(")) {
    ExpressionPtr inner = parse_tuple(true, {}, true);
    expect_op(")");
    return inner;
  }
  if (current().is(Token::Type::integer)) return constant(next().integer);
  if (current().is(Token::Type::real)) return constant(next().real);
  if (!current().is(Token::Type::name)) fail(fmt::format("unexpected {}", quote(current().describe())));
  const Token token = next();
  if (token.text == "true" || token.text == "True") return constant(true);
  if (token.text == "false" || token.text == "False") return constant(false);
  if (token.text == "none" || token.text == "None") return constant(Value());
  auto node = make<Name>(line);
  node->id = use_name(token.text);
  return node;
}

ExpressionPtr Parser::parse_list() {
  auto node = make<Sequence>(next().line);
  node->kind = List::Kind::list;
  while (!current().is_op("]")) {
    if (!node->items.empty()) expect_op(",");
    if (current().is_op("]")) break;
    node->items.push_back(parse_expression());
  }
  expect_op("]");
  return node;
}

ExpressionPtr Parser::parse_dict() {
  auto node = make<Mapping>(next().line);
  while (!current().is_op("}")) {
    if (!node->entries.empty()) expect_op(",");
    if (current().is_op("}")) break;
    ExpressionPtr key = parse_expression();
    expect_op(":");
    node->entries.emplace_back(std::move(key), parse_expression());
  }
  expect_op("}");
  return node;
}

ExpressionPtr Parser::parse_postfix(ExpressionPtr expression) {
  for (int length = 0;; ++length) {
    const Nested nested(*this, length);
    if (current().is_op(".") || current().is_op("[")) {
      expression = parse_subscript(std::move(expression));
    } else if (current().is_op("(")) {
      expression = parse_call(std::move(expression));
    } else {
      return expression;
    }
  }
}

ExpressionPtr Parser::parse_postfix_and_filters(ExpressionPtr expression) {
  for (int length = 0;; ++length) {
    const Nested nested(*this, length);
    if (skip_op("|")) {
      expression = parse_filter(std::move(expression));
    } else if (current().is_name("is")) {
      expression = parse_test(std::move(expression));
    } else if (current().is_op("(")) {
      expression = parse_call(std::move(expression));
    } else {
      return expression;
    }
  }
}

ExpressionPtr Parser::parse_subscript(ExpressionPtr object) {
  const Token opening = next();
  if (opening.is_op("[")) return parse_slice(std::move(object), opening.line);
  if (!current().is(Token::Type::name) && !current().is(Token::Type::integer)) fail("expected name or number");
  const Token name = next();
  if (name.is(Token::Type::name)) {
    auto node = make<Member>(opening.line);
    node->object = std::move(object);
    node->name = name.text;
    return node;
  }
  auto key = make<Constant>(name.line);
  key->value = name.integer;
  auto node = make<Element>(opening.line);
  node->object = std::move(object);
  node->key = std::move(key);
  return node;
}

// After the `[`: a key, several keys (a tuple), or start:stop:step.
ExpressionPtr Parser::parse_slice(ExpressionPtr object, int line) {
  const auto at_end = [&] { return current().is_op(":") || current().is_op("]"); };
  ExpressionPtr start = current().is_op(":") ? nullptr : parse_tuple(true);
  if (skip_op("]")) {
    auto node = make<Element>(line);
    node->object = std::move(object);
    node->key = std::move(start);
    return node;
  }
  expect_op(":");
  auto node = make<Slice>(line);
  node->object = std::move(object);
  node->start = std::move(start);
  if (!at_end()) node->stop = parse_expression();
  if (skip_op(":") && !at_end()) node->step = parse_expression();
  expect_op("]");
  return node;
}

ExpressionPtr Parser::parse_call(ExpressionPtr callee) {
  auto node = make<Call>(current().line);
  node->callee = std::move(callee);
  node->arguments = parse_arguments();
  return node;
}

CallArguments Parser::parse_arguments() {
  expect_op("(");
  CallArguments arguments;
  bool first = true;
  while (!current().is_op(")")) {
    if (!first) expect_op(",");
    if (current().is_op(")")) break;
    parse_argument(arguments);
    first = false;
  }
  expect_op(")");
  return arguments;
}

void Parser::parse_argument(CallArguments& arguments) {
  const auto ensure = [&](bool condition) {
    if (!condition) fail("invalid syntax for function call expression");
  };
  if (skip_op("*")) {
    ensure(!arguments.star && !arguments.double_star);
    arguments.star = parse_expression();
  } else if (skip_op("**")) {
    ensure(!arguments.double_star);
    arguments.double_star = parse_expression();
  } else if (current().is(Token::Type::name) && look().is_op("=")) {
    ensure(!arguments.double_star);
    std::string name = next().text;
    next();
    arguments.keyword.emplace_back(std::move(name), parse_expression());
  } else {
    ensure(!arguments.star && !arguments.double_star && arguments.keyword.empty());
    arguments.positional.push_back(parse_expression());
  }
}

ExpressionPtr Parser::parse_filter(ExpressionPtr input) {
  auto node = make<Filtered>(current().line);
  node->name = expect_name();
  while (skip_op(".")) node->name += "." + expect_name();
  node->filter = find_filter(node->name);
  if (!node->filter && !soft_) fail(fmt::format("No filter named {}.", quote(node->name)));
  node->input = std::move(input);
  if (current().is_op("(")) node->arguments = parse_arguments();
  return node;
}

ExpressionPtr Parser::parse_filters(ExpressionPtr input) {
  for (int length = 0; skip_op("|"); ++length) {
    const Nested nested(*this, length);
    input = parse_filter(std::move(input));
  }
  return input;
}

ExpressionPtr Parser::parse_test(ExpressionPtr input) {
  auto node = make<Tested>(next().line);
  const bool negated = skip_name("not");
  node->name = expect_name();
  while (skip_op(".")) node->name += "." + expect_name();
  node->test = find_test(node->name);
  if (!node->test && !soft_) fail(fmt::format("No test named {}.", quote(node->name)));
  node->input = std::move(input);
  node->arguments = parse_test_arguments();
  if (!negated) return node;
  auto negation = make<Not>(node->line);
  negation->operand = std::move(node);
  return negation;
}

// `is divisibleby(3)` or `is divisibleby 3`.
CallArguments Parser::parse_test_arguments() {
  if (current().is_op("(")) return parse_arguments();
  CallArguments arguments;
  const Token& token = current();
  const bool keyword = token.is_name("else") || token.is_name("or") || token.is_name("and");
  const bool starts = token.is(Token::Type::name) || token.is(Token::Type::text) || token.is(Token::Type::integer) ||
                      token.is(Token::Type::real) || token.is_op("[") || token.is_op("{");
  if (!starts || keyword) return arguments;
  if (token.is_name("is")) fail("You cannot chain multiple tests with is");
  const Nested nested(*this);
  arguments.positional.push_back(parse_postfix(parse_primary()));
  return arguments;
}

}  // namespace loam::jinja
