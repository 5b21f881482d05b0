// Python's operators and conversions on values.
#pragma once

#include "tokenizer/jinja/heap.h"

namespace loam::jinja {

bool truth(const Value& value);
bool equal(Heap& heap, const Value& a, const Value& b);
// <0, 0, >0. Fault "'<' not supported between instances of …" with `op` where the types have no order.
// Unordered (NaN) comes back as 2.
int compare(Heap& heap, const Value& a, const Value& b, std::string_view op);

enum class Arithmetic { add, subtract, multiply, divide, floor_divide, modulo, power };
Value arithmetic(Interpreter& run, Arithmetic op, const Value& a, const Value& b);
Value negate(const Value& value);

bool contains(Interpreter& run, const Value& container, const Value& item);
int64_t length(Heap& heap, const Value& value);                          // len()
ListPtr items_of(Interpreter& run, const Value& value);                  // list(), without a copy where it is one
ListPtr try_items_of(Interpreter& run, const Value& value);              // nullptr where it cannot be iterated
Value element(Interpreter& run, const Value& object, const Value& key);  // object[key]
Value attribute(Interpreter& run, const Value& object, std::string_view name);  // object.name
Value slice(Interpreter& run, const Value& object, const Value& start, const Value& stop, const Value& step);
std::vector<Value> characters(Heap& heap, const Text& text);

// "'dict object'" or the like, as Jinja names an object in messages.
std::string type_repr(const Value& value);

}  // namespace loam::jinja
