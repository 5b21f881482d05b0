// The tests after `is`.
#include <fmt/format.h>

#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

Value argument(Arguments& arguments, std::string_view name) {
  return *Bound("test", std::move(arguments), {name}, 1)[0];
}

bool rest_is(Interpreter& run, const Value& value, const Value& divisor, int64_t rest) {
  return equal(run.heap, arithmetic(run, Arithmetic::modulo, value, divisor), Value(rest));
}

int order(Interpreter& run, const Value& value, Arguments& arguments, std::string_view op) {
  return compare(run.heap, value, argument(arguments, "other"), op);
}

bool is_sequence(const Value& value) {
  return value.is_undefined() || value.is_text() || value.is_list() || value.is_dict() || value.as<Range>();
}

bool is_iterable(Interpreter&, const Value& value, Arguments) {
  if (!value.is_object()) return !value.is_none() && !value.is_number();
  return value.as<Generator>() || value.as<Range>() || value.as<DictView>() || value.as<Loop>();
}

struct Entry {
  std::string_view name;
  Test test;
};

bool is_equal(Interpreter& run, const Value& v, Arguments a) { return equal(run.heap, v, argument(a, "other")); }
bool is_unequal(Interpreter& run, const Value& v, Arguments a) { return !equal(run.heap, v, argument(a, "other")); }
bool is_less(Interpreter& run, const Value& v, Arguments a) { return order(run, v, a, "<") == -1; }
bool is_less_equal(Interpreter& run, const Value& v, Arguments a) { return order(run, v, a, "<=") <= 0; }
bool is_greater(Interpreter& run, const Value& v, Arguments a) { return order(run, v, a, ">") == 1; }
bool is_greater_equal(Interpreter& run, const Value& v, Arguments a) {
  const int result = order(run, v, a, ">=");
  return result == 0 || result == 1;
}

constexpr Entry kTests[] = {
    {"defined", [](Interpreter&, const Value& v, Arguments) { return !v.is_undefined(); }},
    {"undefined", [](Interpreter&, const Value& v, Arguments) { return v.is_undefined(); }},
    {"none", [](Interpreter&, const Value& v, Arguments) { return v.is_none(); }},
    {"boolean", [](Interpreter&, const Value& v, Arguments) { return v.is_bool(); }},
    {"true", [](Interpreter&, const Value& v, Arguments) { return v.is_bool() && v.boolean(); }},
    {"false", [](Interpreter&, const Value& v, Arguments) { return v.is_bool() && !v.boolean(); }},
    {"integer", [](Interpreter&, const Value& v, Arguments) { return v.is_integer(); }},
    {"float", [](Interpreter&, const Value& v, Arguments) { return v.is_float(); }},
    {"number", [](Interpreter&, const Value& v, Arguments) { return v.is_number(); }},
    {"string", [](Interpreter&, const Value& v, Arguments) { return v.is_text(); }},
    {"mapping", [](Interpreter&, const Value& v, Arguments) { return v.is_dict(); }},
    {"sequence", [](Interpreter&, const Value& v, Arguments) { return is_sequence(v); }},
    {"iterable", is_iterable},
    {"callable", [](Interpreter&, const Value& v,
                    Arguments) { return v.is_undefined() || (v.is_object() && v.object()->callable()); }},
    {"escaped", [](Interpreter&, const Value& v, Arguments) { return v.markup(); }},
    {"odd", [](Interpreter& run, const Value& v, Arguments) { return rest_is(run, v, Value(int64_t{2}), 1); }},
    {"even", [](Interpreter& run, const Value& v, Arguments) { return rest_is(run, v, Value(int64_t{2}), 0); }},
    {"divisibleby",
     [](Interpreter& run, const Value& v, Arguments a) { return rest_is(run, v, argument(a, "num"), 0); }},
    {"lower", [](Interpreter& run, const Value& v, Arguments) { return is_cased(run.heap, to_text(run, v), false); }},
    {"upper", [](Interpreter& run, const Value& v, Arguments) { return is_cased(run.heap, to_text(run, v), true); }},
    {"sameas", [](Interpreter&, const Value& v, Arguments a) { return v.same(argument(a, "other")); }},
    {"in", [](Interpreter& run, const Value& v, Arguments a) { return contains(run, argument(a, "seq"), v); }},
    {"filter", [](Interpreter& run, const Value& v, Arguments) { return find_filter(to_text(run, v)) != nullptr; }},
    {"test", [](Interpreter& run, const Value& v, Arguments) { return find_test(to_text(run, v)) != nullptr; }},
    {"==", is_equal},
    {"eq", is_equal},
    {"equalto", is_equal},
    {"!=", is_unequal},
    {"ne", is_unequal},
    {"<", is_less},
    {"lt", is_less},
    {"lessthan", is_less},
    {"<=", is_less_equal},
    {"le", is_less_equal},
    {">", is_greater},
    {"gt", is_greater},
    {"greaterthan", is_greater},
    {">=", is_greater_equal},
    {"ge", is_greater_equal},
};

}  // namespace

Test find_test(std::string_view name) {
  for (const Entry& entry : kTests) {
    if (entry.name == name) return entry.test;
  }
  return nullptr;
}

}  // namespace loam::jinja
