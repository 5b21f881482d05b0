// +, -, *, /, //, % and ** as Python does them; integers have 64 bits, and leaving them is an error.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tokenizer/jinja/builtins.h"
#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {
namespace {

std::string_view symbol(Arithmetic op) {
  switch (op) {
    case Arithmetic::add: return "+";
    case Arithmetic::subtract: return "-";
    case Arithmetic::multiply: return "*";
    case Arithmetic::divide: return "/";
    case Arithmetic::floor_divide: return "//";
    case Arithmetic::modulo: return "%";
    case Arithmetic::power: return "** or pow()";
  }
  return "?";
}

[[noreturn]] void unsupported(Arithmetic op, const Value& a, const Value& b) {
  throw Fault{
      fmt::format("unsupported operand type(s) for {}: '{}' and '{}'", symbol(op), a.type_name(), b.type_name())};
}

[[noreturn]] void overflow() { throw Fault{"integer overflow: the result does not fit 64 bits"}; }

int64_t floor_divide(int64_t a, int64_t b) {
  if (b == 0) throw Fault{"integer division or modulo by zero"};
  if (b == -1) {
    if (a == INT64_MIN) overflow();
    return -a;
  }
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

int64_t modulo(int64_t a, int64_t b) {
  if (b == 0) throw Fault{"integer modulo by zero"};
  if (b == -1) return 0;
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// Square and multiply; at most 64 rounds.
int64_t power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  while (exponent > 0) {
    if (exponent & 1 && __builtin_mul_overflow(result, base, &result)) overflow();
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
      overflow();
    }
  }
  return result;
}

Value integer_arithmetic(Arithmetic op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case Arithmetic::add:
      if (__builtin_add_overflow(a, b, &result)) overflow();
      return result;
    case Arithmetic::subtract:
      if (__builtin_sub_overflow(a, b, &result)) overflow();
      return result;
    case Arithmetic::multiply:
      if (__builtin_mul_overflow(a, b, &result)) overflow();
      return result;
    case Arithmetic::divide:
      if (b == 0) throw Fault{"division by zero"};
      return static_cast<double>(a) / static_cast<double>(b);
    case Arithmetic::floor_divide: return floor_divide(a, b);
    case Arithmetic::modulo: return modulo(a, b);
    case Arithmetic::power:
      if (b < 0 && a == 0) throw Fault{"0.0 cannot be raised to a negative power"};
      if (b < 0) return std::pow(static_cast<double>(a), static_cast<double>(b));
      return power(a, b);
  }
  return {};
}

// The rest has the divisor's sign.
double float_modulo(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

double float_floor_divide(double a, double b) {
  const double quotient = (a - float_modulo(a, b)) / b;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

Value float_arithmetic(Arithmetic op, double a, double b) {
  switch (op) {
    case Arithmetic::add: return a + b;
    case Arithmetic::subtract: return a - b;
    case Arithmetic::multiply: return a * b;
    case Arithmetic::divide:
      if (b == 0) throw Fault{"float division by zero"};
      return a / b;
    case Arithmetic::floor_divide:
      if (b == 0) throw Fault{"float floor division by zero"};
      return float_floor_divide(a, b);
    case Arithmetic::modulo:
      if (b == 0) throw Fault{"float modulo"};
      return float_modulo(a, b);
    case Arithmetic::power:
      if (a == 0 && b < 0) throw Fault{"0.0 cannot be raised to a negative power"};
      if (a < 0 && b != std::floor(b)) throw Fault{"a negative number has no fractional power here"};
      return std::pow(a, b);
  }
  return {};
}

Value concatenate_texts(Interpreter& run, const Value& a, const Value& b) {
  const bool markup = a.markup() || b.markup();
  Builder out(run.heap);
  out += markup && !a.markup() ? escape_html(run.heap, a.bytes()) : a.bytes();
  out += markup && !b.markup() ? escape_html(run.heap, b.bytes()) : b.bytes();
  return out.finish(markup);
}

Value concatenate_lists(Interpreter& run, const List& a, const List& b) {
  run.heap.step(static_cast<int64_t>(a.items.size() + b.items.size()));
  std::vector<Value> items = a.items;
  items.insert(items.end(), b.items.begin(), b.items.end());
  return run.heap.list(std::move(items), a.kind == List::Kind::list ? List::Kind::list : List::Kind::tuple);
}

Value add_sequences(Interpreter& run, const Value& a, const Value& b) {
  if (a.is_text() && b.is_text()) return concatenate_texts(run, a, b);
  if (a.is_list() && b.is_list() && a.type_name() == b.type_name()) {
    return concatenate_lists(run, *a.list(), *b.list());
  }
  if (!a.is_text() && !a.is_list()) unsupported(Arithmetic::add, a, b);
  const std::string_view kind = a.is_text() ? "str" : a.type_name();
  throw Fault{fmt::format("can only concatenate {0} (not \"{1}\") to {0}", kind, b.type_name())};
}

Value repeat(Interpreter& run, const Value& sequence, int64_t times) {
  if (sequence.is_text()) {
    Builder out(run.heap);
    out.repeat(sequence.bytes(), times);
    return out.finish(sequence.markup());
  }
  const List& list = *sequence.list();
  const auto n = static_cast<int64_t>(list.items.size());
  int64_t total = 0;
  if (__builtin_mul_overflow(n, std::max<int64_t>(times, 0), &total)) total = INT64_MAX / 2;
  run.heap.step(std::min(total, run.heap.limits().steps + 1));
  std::vector<Value> items;
  items.reserve(static_cast<size_t>(total));
  for (int64_t i = 0; n > 0 && i < times; ++i) items.insert(items.end(), list.items.begin(), list.items.end());
  return run.heap.list(std::move(items), list.kind == List::Kind::list ? List::Kind::list : List::Kind::tuple);
}

Value multiply_sequence(Interpreter& run, const Value& a, const Value& b) {
  const bool a_sequence = a.is_text() || a.is_list(), b_sequence = b.is_text() || b.is_list();
  if (a_sequence && b.index()) return repeat(run, a, *b.index());
  if (b_sequence && a.index()) return repeat(run, b, *a.index());
  if (a_sequence || b_sequence) {
    throw Fault{fmt::format("can't multiply sequence by non-int of type '{}'", (a_sequence ? b : a).type_name())};
  }
  unsupported(Arithmetic::multiply, a, b);
}

}  // namespace

Value arithmetic(Interpreter& run, Arithmetic op, const Value& a, const Value& b) {
  if (op == Arithmetic::modulo && a.is_text()) return format_percent(run, a, b);
  if (a.is_undefined()) throw Fault{a.undefined_message()};
  if (b.is_undefined()) throw Fault{b.undefined_message()};
  if (a.index() && b.index()) return integer_arithmetic(op, *a.index(), *b.index());
  if (a.is_number() && b.is_number()) return float_arithmetic(op, *a.number(), *b.number());
  if (op == Arithmetic::add) return add_sequences(run, a, b);
  if (op == Arithmetic::multiply) return multiply_sequence(run, a, b);
  unsupported(op, a, b);
}

Value negate(const Value& value) {
  if (value.is_undefined()) throw Fault{value.undefined_message()};
  if (value.is_float()) return -value.real();
  if (!value.index()) throw Fault{fmt::format("bad operand type for unary -: '{}'", value.type_name())};
  return integer_arithmetic(Arithmetic::subtract, 0, *value.index());
}

}  // namespace loam::jinja
