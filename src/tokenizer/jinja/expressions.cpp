// What each kind of expression evaluates to.
#include <fmt/format.h>

#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {
namespace {

bool compare_with(Interpreter& run, Comparator op, const Value& a, const Value& b) {
  switch (op) {
    case Comparator::equal: return equal(run.heap, a, b);
    case Comparator::not_equal: return !equal(run.heap, a, b);
    case Comparator::less: return compare(run.heap, a, b, "<") == -1;
    case Comparator::less_equal: return compare(run.heap, a, b, "<=") <= 0;
    case Comparator::greater: return compare(run.heap, a, b, ">") == 1;
    case Comparator::greater_equal: {
      const int order = compare(run.heap, a, b, ">=");
      return order == 0 || order == 1;
    }
    case Comparator::in: return contains(run, b, a);
    case Comparator::not_in: return !contains(run, b, a);
  }
  return false;
}

Value evaluate_or_none(Interpreter& run, const ExpressionPtr& expression) {
  return expression ? run.evaluate(*expression) : Value();
}

void add_keywords(Interpreter& run, Arguments& arguments, const Value& value) {
  if (!value.is_dict()) throw Fault{fmt::format("argument after ** must be a mapping, not {}", value.type_name())};
  for (const auto& [key, item] : value.dict()->entries()) {
    if (!key.is_text()) throw Fault{"keywords must be strings"};
    run.heap.step();
    run.heap.allocate(key.bytes().size());
    arguments.keyword.emplace_back(key.bytes(), item);
  }
}

}  // namespace

Value Name::evaluate(Interpreter& run) const {
  if (const Value* value = run.scope()->find(run.heap, id)) return *value;
  return run.heap.undefined(fmt::format("{} is undefined", quote(run.name(id))));
}

Value Sequence::evaluate(Interpreter& run) const {
  std::vector<Value> values;
  values.reserve(items.size());
  for (const ExpressionPtr& item : items) values.push_back(run.evaluate(*item));
  return run.heap.list(std::move(values), kind);
}

Value Mapping::evaluate(Interpreter& run) const {
  Dict dict;
  for (const auto& [key, value] : entries) {
    Value name = run.evaluate(*key);
    dict.set(run.heap, std::move(name), run.evaluate(*value));
  }
  return run.heap.dict(std::move(dict));
}

Value Member::evaluate(Interpreter& run) const { return attribute(run, run.evaluate(*object), name); }

Value Element::evaluate(Interpreter& run) const {
  const Value of = run.evaluate(*object);
  return element(run, of, run.evaluate(*key));
}

Value Slice::evaluate(Interpreter& run) const {
  const Value of = run.evaluate(*object), first = evaluate_or_none(run, start), last = evaluate_or_none(run, stop);
  return slice(run, of, first, last, evaluate_or_none(run, step));
}

Arguments CallArguments::evaluate(Interpreter& run) const {
  Arguments arguments;
  for (const ExpressionPtr& value : positional) arguments.positional.push_back(run.evaluate(*value));
  for (const auto& [name, value] : keyword) {
    run.heap.allocate(name.size());
    arguments.keyword.emplace_back(name, run.evaluate(*value));
  }
  if (star) {
    const ListPtr more = items_of(run, run.evaluate(*star));
    run.heap.step(static_cast<int64_t>(more->items.size()));
    arguments.positional.insert(arguments.positional.end(), more->items.begin(), more->items.end());
  }
  if (double_star) add_keywords(run, arguments, run.evaluate(*double_star));
  return arguments;
}

Value Call::evaluate(Interpreter& run) const {
  const Value function = run.evaluate(*callee);
  Arguments actual = arguments.evaluate(run);
  return run.call(function, std::move(actual));
}

Value Filtered::evaluate(Interpreter& run) const {
  if (!filter) throw Fault{fmt::format("No filter named {} found.", quote(name))};
  const Value value = run.evaluate(*input);
  return filter(run, value, arguments.evaluate(run));
}

Value Tested::evaluate(Interpreter& run) const {
  if (!test) throw Fault{fmt::format("No test named {} found.", quote(name))};
  const Value value = run.evaluate(*input);
  return test(run, value, arguments.evaluate(run));
}

Value Not::evaluate(Interpreter& run) const { return !truth(run.evaluate(*operand)); }

Value Sign::evaluate(Interpreter& run) const {
  const Value value = run.evaluate(*operand);
  if (negative) return negate(value);
  if (value.is_undefined()) throw Fault{value.undefined_message()};
  if (value.is_bool()) return *value.index();
  if (!value.is_number()) throw Fault{fmt::format("bad operand type for unary +: '{}'", value.type_name())};
  return value;
}

Value Chain::evaluate(Interpreter& run) const {
  Value result = run.evaluate(*first);
  for (const auto& [op, operand] : rest) result = arithmetic(run, op, result, run.evaluate(*operand));
  return result;
}

Value Concatenation::evaluate(Interpreter& run) const {
  Builder out(run.heap);
  for (const ExpressionPtr& part : parts) {
    const Value value = run.evaluate(*part);
    out += value.is_text() ? value.bytes() : to_text(run, value);
  }
  return out.finish();
}

Value Comparison::evaluate(Interpreter& run) const {
  Value left = run.evaluate(*first);
  for (const auto& [op, operand] : rest) {
    Value right = run.evaluate(*operand);
    if (!compare_with(run, op, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value Logical::evaluate(Interpreter& run) const {
  Value value;
  for (const ExpressionPtr& operand : operands) {
    value = run.evaluate(*operand);
    if (truth(value) != conjunction) break;
  }
  return value;
}

Value Conditional::evaluate(Interpreter& run) const {
  if (truth(run.evaluate(*condition))) return run.evaluate(*yes);
  if (no) return run.evaluate(*no);
  return run.heap.undefined(
      fmt::format("the inline if-expression on line {} evaluated to false and no else section was defined.", line));
}

}  // namespace loam::jinja
