#include "tokenizer/jinja/parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "tokenizer/jinja/print.h"

namespace loam::jinja {

Template parse(std::string_view source, const TemplateLimits& limits) {
  Heap heap(limits);
  std::optional<Parser> parser;
  try {
    return parser.emplace(heap, source).run();
  } catch (const Fault& fault) {
    throw SyntaxFault{fault.message, parser ? parser->line() : 1};
  }
}

Template Parser::run() {
  Template result;
  result.body = parse_body({});
  result.names = std::move(names_);
  return result;
}

Body Parser::parse_body(const EndTags& end) {
  Body body;
  end_tags_.push_back(end);
  while (!current().is(Token::Type::end)) {
    const Token token = next();
    if (token.is(Token::Type::data)) {
      auto data = make<Data>(token.line);
      data->text = token.text;
      body.push_back(std::move(data));
    } else if (token.is(Token::Type::variable_begin)) {
      auto print = make<Print>(token.line);
      print->value = parse_tuple();
      expect(Token::Type::variable_end, "end of print statement");
      body.push_back(std::move(print));
    } else {
      const bool ends =
          current().is(Token::Type::name) && std::find(end.begin(), end.end(), current().text) != end.end();
      if (ends) break;
      body.push_back(parse_statement());
      expect(Token::Type::block_end, "end of statement block");
    }
  }
  if (!end.empty() && current().is(Token::Type::end)) fail_unknown_tag(end);
  end_tags_.pop_back();
  return body;
}

Body Parser::parse_block(const EndTags& end) {
  skip_op(":");  // tolerated, as in Python
  expect(Token::Type::block_end, "end of statement block");
  return parse_body(end);
}

Body Parser::parse_last_block(std::string_view end) {
  Body body = parse_block({end});
  next();
  return body;
}

std::unique_ptr<Statement> Parser::parse_statement() {
  const Nested nested(*this);
  if (!current().is(Token::Type::name)) fail("tag name expected");
  const int line = current().line;
  const std::string tag = current().text;
  open_tags_.push_back(tag);
  const auto parse = [&]() -> std::unique_ptr<Statement> {
    if (tag == "set") return parse_set();
    if (tag == "if") return parse_if();
    if (tag == "for") return parse_for();
    if (tag == "macro") return parse_macro();
    if (tag == "call") return parse_call_block();
    if (tag == "filter") return parse_filter_block();
    if (tag == "with") return parse_with();
    if (tag == "generation") return parse_group("endgeneration");
    if (tag == "block") return parse_group("endblock");
    if (tag == "print") return parse_print_tag();
    if (tag == "break") return parse_jump(Flow::break_loop);
    if (tag == "continue") return parse_jump(Flow::continue_loop);
    if (tag == "do") {
      next();
      auto node = make<Do>(line);
      node->value = parse_tuple();
      return node;
    }
    for (const char* other : {"extends", "include", "import", "from", "autoescape"}) {
      if (tag == other)
        fail(fmt::format("the tag '{}' is not supported: a chat template is one file of plain text", tag));
    }
    open_tags_.pop_back();
    fail_unknown_tag(end_tags_.back());
  };
  std::unique_ptr<Statement> statement = parse();
  statement->line = line;
  open_tags_.pop_back();
  return statement;
}

std::unique_ptr<Statement> Parser::parse_set() {
  next();
  Target target = parse_target(true);
  if (skip_op("=")) {
    auto node = std::make_unique<Set>();
    node->target = std::move(target);
    node->value = parse_tuple();
    return node;
  }
  const Soft hard(*this, false);
  auto node = std::make_unique<SetBlock>();
  node->target = std::move(target);
  node->filter = parse_filters(nullptr);
  node->body = parse_last_block("endset");
  return node;
}

std::unique_ptr<Statement> Parser::parse_if() {
  const Soft soft(*this, true);
  auto node = std::make_unique<If>();
  do {
    next();
    ExpressionPtr condition = parse_tuple(false);
    node->branches.emplace_back(std::move(condition), parse_block({"elif", "else", "endif"}));
  } while (current().is_name("elif"));
  if (next().is_name("else")) node->otherwise = parse_last_block("endif");
  return node;
}

std::unique_ptr<Statement> Parser::parse_for() {
  const Soft hard(*this, false);
  next();
  auto node = std::make_unique<For>();
  node->target = parse_target(false, "in");
  if (!skip_name("in")) fail(fmt::format("expected token 'in', got {}", quote(current().describe())));
  node->iterable = parse_tuple(false, "recursive");
  if (skip_name("if")) node->condition = parse_expression();
  node->recursive = skip_name("recursive");
  ++loops_;
  node->body = parse_block({"endfor", "else"});
  --loops_;
  if (next().is_name("else")) node->otherwise = parse_last_block("endfor");
  return node;
}

void Parser::parse_signature(Macro& macro) {
  expect_op("(");
  while (!current().is_op(")")) {
    if (!macro.parameters.empty()) expect_op(",");
    std::string name = expect_name();
    const int id = names_.id(name);
    macro.parameters.emplace_back(id, std::move(name));
    if (skip_op("=")) {
      macro.defaults.push_back(parse_expression());
    } else if (!macro.defaults.empty()) {
      fail("non-default argument follows default argument");
    }
  }
  expect_op(")");
}

// break and continue reach no loop outside of the macro.
void Parser::parse_macro_body(Macro& macro, std::string_view end) {
  const Soft hard(*this, false);
  const int loops = std::exchange(loops_, 0);
  macros_.push_back(&macro);
  macro.body = parse_last_block(end);
  macros_.pop_back();
  loops_ = loops;
  for (const auto& [id, name] : macro.parameters) {  // a parameter of that name is an ordinary one
    if (id == kCaller) macro.uses_caller = false;
    if (id == kVarargs) macro.uses_varargs = false;
    if (id == kKwargs) macro.uses_kwargs = false;
  }
}

std::unique_ptr<Statement> Parser::parse_macro() {
  next();
  auto node = std::make_unique<Macro>();
  node->name = expect_name();
  node->id = names_.id(node->name);
  parse_signature(*node);
  parse_macro_body(*node, "endmacro");
  return node;
}

std::unique_ptr<Statement> Parser::parse_call_block() {
  next();
  auto node = std::make_unique<CallBlock>();
  if (current().is_op("(")) parse_signature(node->caller);
  node->call = parse_expression();
  if (!dynamic_cast<Call*>(node->call.get())) fail("expected call");
  parse_macro_body(node->caller, "endcall");
  return node;
}

std::unique_ptr<Statement> Parser::parse_filter_block() {
  const Soft hard(*this, false);
  next();
  auto node = std::make_unique<FilterBlock>();
  node->filter = parse_filters(parse_filter(nullptr));
  node->body = parse_last_block("endfilter");
  return node;
}

std::unique_ptr<Statement> Parser::parse_with() {
  const Soft hard(*this, false);
  next();
  auto node = std::make_unique<With>();
  while (!current().is(Token::Type::block_end)) {
    if (!node->bindings.empty()) expect_op(",");
    Target target = parse_target_item(false);
    expect_op("=");
    node->bindings.emplace_back(std::move(target), parse_expression());
  }
  node->body = parse_last_block("endwith");
  return node;
}

// A block's name and modifiers mean nothing without inheritance.
std::unique_ptr<Statement> Parser::parse_group(std::string_view end) {
  const Soft hard(*this, false);
  const bool named = next().is_name("block");
  std::string name;
  if (named) {
    name = expect_name();
    while (skip_name("scoped") || skip_name("required")) continue;
  }
  auto node = std::make_unique<Group>();
  node->body = parse_last_block(end);
  if (named) skip_name(name);
  return node;
}

std::unique_ptr<Statement> Parser::parse_print_tag() {
  auto node = std::make_unique<If>();  // {% print a, b %} prints each
  node->line = next().line;
  bool first = true;
  while (!current().is(Token::Type::block_end)) {
    if (!first) expect_op(",");
    auto print = make<Print>(current().line);
    print->value = parse_expression();
    node->otherwise.push_back(std::move(print));
    first = false;
  }
  return node;
}

std::unique_ptr<Statement> Parser::parse_jump(Flow flow) {
  const std::string name = next().text;
  if (loops_ == 0) fail(fmt::format("'{}' outside loop", name));
  auto node = std::make_unique<Jump>();
  node->flow = flow;
  return node;
}

// a, (b, c), ns.attribute
Target Parser::parse_target(bool namespaces, std::string_view end) {
  Target first = parse_target_item(namespaces);
  if (!current().is_op(",")) return first;
  Target tuple;
  tuple.kind = Target::Kind::tuple;
  tuple.items.push_back(std::move(first));
  while (skip_op(",")) {
    const bool ends = current().is_op("=") || current().is_op(")") || current().is(Token::Type::block_end) ||
                      (!end.empty() && current().is_name(end));
    if (ends) break;
    tuple.items.push_back(parse_target_item(namespaces));
  }
  return tuple;
}

Target Parser::parse_target_item(bool namespaces) {
  const Nested nested(*this);
  if (skip_op("(")) {
    Target inner = parse_target(namespaces);
    expect_op(")");
    return inner;
  }
  Target target;
  const std::string name = expect_name();
  for (const char* constant : {"true", "false", "none", "True", "False", "None"}) {
    if (name == constant) fail("can't assign to 'const'");
  }
  if (name == "loop" && !namespaces) fail("Can't assign to special loop variable in for-loop target");
  target.id = names_.id(name);
  if (namespaces && skip_op(".")) {
    target.kind = Target::Kind::attribute;
    target.attribute = expect_name();
  }
  return target;
}

bool Parser::skip_op(std::string_view symbol) {
  if (!current().is_op(symbol)) return false;
  next();
  return true;
}

bool Parser::skip_name(std::string_view name) {
  if (!current().is_name(name)) return false;
  next();
  return true;
}

void Parser::expect_op(std::string_view symbol) {
  if (skip_op(symbol)) return;
  if (current().is(Token::Type::end)) fail(fmt::format("unexpected end of template, expected '{}'.", symbol));
  fail(fmt::format("expected token '{}', got {}", symbol, quote(current().describe())));
}

void Parser::expect(Token::Type type, std::string_view description) {
  if (!current().is(type)) {
    if (current().is(Token::Type::end)) fail(fmt::format("unexpected end of template, expected '{}'.", description));
    fail(fmt::format("expected token '{}', got {}", description, quote(current().describe())));
  }
  next();
}

std::string Parser::expect_name() {
  if (!current().is(Token::Type::name)) {
    if (current().is(Token::Type::end)) fail("unexpected end of template, expected 'name'.");
    fail(fmt::format("expected token 'name', got {}", quote(current().describe())));
  }
  return next().text;
}

int Parser::use_name(const std::string& name) {
  const int id = names_.id(name);
  for (Macro* macro : macros_) {
    macro->uses_caller |= id == kCaller;
    macro->uses_varargs |= id == kVarargs;
    macro->uses_kwargs |= id == kKwargs;
  }
  return id;
}

void Parser::fail_unknown_tag(const EndTags& end) {
  std::string looking;
  for (const std::string_view tag : end) {
    looking += fmt::format("{}'{}'", looking.empty() ? "" : " or ", tag);
  }
  const bool at_end = current().is(Token::Type::end);
  std::string message =
      at_end ? "Unexpected end of template." : fmt::format("Encountered unknown tag '{}'.", current().text);
  const bool closes_outer = !at_end && std::any_of(end_tags_.begin(), end_tags_.end(), [&](const EndTags& tags) {
    return std::find(tags.begin(), tags.end(), current().text) != tags.end();
  });
  if (closes_outer) {
    message += fmt::format(
        " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for {}.", looking);
  } else if (!looking.empty()) {
    message += fmt::format(" Jinja was looking for the following tags: {}.", looking);
  }
  if (!open_tags_.empty()) {
    message += fmt::format(" The innermost block that needs to be closed is '{}'.", open_tags_.back());
  }
  fail(message);
}

}  // namespace loam::jinja
