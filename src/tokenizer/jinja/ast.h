// The parsed template. An expression evaluates to a value, a statement writes output and changes the scope.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tokenizer/jinja/builtins.h"
#include "tokenizer/jinja/operators.h"

namespace loam::jinja {

struct Expression {
  int line = 0;
  virtual ~Expression() = default;
  virtual Value evaluate(Interpreter& run) const = 0;
};
using ExpressionPtr = std::unique_ptr<Expression>;

enum class Flow { next, break_loop, continue_loop };

struct Statement {
  int line = 0;
  virtual ~Statement() = default;
  virtual Flow execute(Interpreter& run) const = 0;
};
using Body = std::vector<std::unique_ptr<Statement>>;

// --- expressions

struct Constant final : Expression {
  Value value;
  Value evaluate(Interpreter&) const override { return value; }
};

struct Name final : Expression {
  int id;  // in the template's table of names
  Value evaluate(Interpreter& run) const override;
};

struct Sequence final : Expression {  // [a, b] and (a, b)
  std::vector<ExpressionPtr> items;
  List::Kind kind;
  Value evaluate(Interpreter& run) const override;
};

struct Mapping final : Expression {  // {a: b}
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
  Value evaluate(Interpreter& run) const override;
};

struct Member final : Expression {  // object.name
  ExpressionPtr object;
  std::string name;
  Value evaluate(Interpreter& run) const override;
};

struct Element final : Expression {  // object[key]
  ExpressionPtr object, key;
  Value evaluate(Interpreter& run) const override;
};

struct Slice final : Expression {  // object[start:stop:step], each may be absent
  ExpressionPtr object, start, stop, step;
  Value evaluate(Interpreter& run) const override;
};

struct CallArguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> keyword;
  ExpressionPtr star, double_star;
  Arguments evaluate(Interpreter& run) const;
};

struct Call final : Expression {
  ExpressionPtr callee;
  CallArguments arguments;
  Value evaluate(Interpreter& run) const override;
};

struct Filtered final : Expression {  // input|name(…); no input at the head of a filter block
  ExpressionPtr input;
  std::string name;
  Filter filter;  // nullptr: unknown, an error once it is reached
  CallArguments arguments;
  Value evaluate(Interpreter& run) const override;
};

struct Tested final : Expression {  // input is name(…)
  ExpressionPtr input;
  std::string name;
  Test test;
  CallArguments arguments;
  Value evaluate(Interpreter& run) const override;
};

struct Not final : Expression {
  ExpressionPtr operand;
  Value evaluate(Interpreter& run) const override;
};

struct Sign final : Expression {  // -x, +x
  bool negative;
  ExpressionPtr operand;
  Value evaluate(Interpreter& run) const override;
};

// Chains are flat, so that a long one needs no deep recursion.
struct Chain final : Expression {  // a + b - c, or a * b / c, or a ** b
  ExpressionPtr first;
  std::vector<std::pair<Arithmetic, ExpressionPtr>> rest;
  Value evaluate(Interpreter& run) const override;
};

struct Concatenation final : Expression {  // a ~ b ~ c
  std::vector<ExpressionPtr> parts;
  Value evaluate(Interpreter& run) const override;
};

enum class Comparator { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };

struct Comparison final : Expression {  // a < b <= c
  ExpressionPtr first;
  std::vector<std::pair<Comparator, ExpressionPtr>> rest;
  Value evaluate(Interpreter& run) const override;
};

struct Logical final : Expression {  // a and b and c, or a or b or c; gives an operand as Python does
  bool conjunction;
  std::vector<ExpressionPtr> operands;
  Value evaluate(Interpreter& run) const override;
};

struct Conditional final : Expression {  // yes if condition else no
  ExpressionPtr condition, yes, no;
  Value evaluate(Interpreter& run) const override;
};

// --- statements

struct Target {  // what a value is assigned to
  enum class Kind { name, attribute, tuple } kind = Kind::name;
  int id = -1;            // of the name, or of the namespace
  std::string attribute;  // namespace.attribute
  std::vector<Target> items;
  void assign(Interpreter& run, const Value& value) const;
};

struct Data final : Statement {
  std::string text;
  Flow execute(Interpreter& run) const override;
};

struct Print final : Statement {
  ExpressionPtr value;
  Flow execute(Interpreter& run) const override;
};

struct Do final : Statement {
  ExpressionPtr value;
  Flow execute(Interpreter& run) const override;
};

struct Set final : Statement {
  Target target;
  ExpressionPtr value;
  Flow execute(Interpreter& run) const override;
};

struct SetBlock final : Statement {
  Target target;
  ExpressionPtr filter;  // a Filtered chain, or nullptr
  Body body;
  Flow execute(Interpreter& run) const override;
};

struct If final : Statement {
  std::vector<std::pair<ExpressionPtr, Body>> branches;
  Body otherwise;
  Flow execute(Interpreter& run) const override;
};

struct For final : Statement {
  Target target;
  ExpressionPtr iterable, condition;
  bool recursive = false;
  Body body, otherwise;
  Flow execute(Interpreter& run) const override;
  void iterate(Interpreter& run, const Value& values, int depth) const;
};

struct Macro final : Statement {
  std::string name;  // empty for a call block's
  int id = -1;
  std::vector<std::pair<int, std::string>> parameters;
  std::vector<ExpressionPtr> defaults;  // of the last parameters
  bool uses_caller = false, uses_varargs = false, uses_kwargs = false;
  Body body;
  Flow execute(Interpreter& run) const override;
};

struct CallBlock final : Statement {
  Macro caller;
  ExpressionPtr call;  // a Call
  Flow execute(Interpreter& run) const override;
};

struct FilterBlock final : Statement {
  ExpressionPtr filter;
  Body body;
  Flow execute(Interpreter& run) const override;
};

struct With final : Statement {
  std::vector<std::pair<Target, ExpressionPtr>> bindings;
  Body body;
  Flow execute(Interpreter& run) const override;
};

struct Group final : Statement {  // {% generation %} and {% block %}: the body, in a scope of its own
  Body body;
  Flow execute(Interpreter& run) const override;
};

struct Jump final : Statement {  // break, continue
  Flow flow;
  Flow execute(Interpreter&) const override { return flow; }
};

// Names that the language itself sets; every table of names begins with them.
inline constexpr int kLoop = 0, kCaller = 1, kVarargs = 2, kKwargs = 3;

// Identifiers as small integers.
class Names {
 public:
  Names() {
    for (const char* name : {"loop", "caller", "varargs", "kwargs"}) id(name);
  }
  int id(std::string_view name);
  int find(std::string_view name) const;  // -1 where the template never uses it
  const std::string& text(int id) const { return texts_[static_cast<size_t>(id)]; }

 private:
  std::map<std::string, int, std::less<>> ids_;
  std::vector<std::string> texts_;
};

struct Template {
  Names names;
  Body body;
};

}  // namespace loam::jinja
