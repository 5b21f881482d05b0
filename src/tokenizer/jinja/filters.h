// What several filters share: attribute paths and sorting without regard to case; and filters with a file of their
// own.
#pragma once

#include "tokenizer/jinja/interpreter.h"

namespace loam::jinja {

// The value at "a.b.0" in `item`; the item itself for None. What is undefined on the way becomes `fallback`,
// unless that is None.
Value attribute_path(Interpreter& run, const Value& item, const Value& path, const Value& fallback = {});
// The parts of "a,b.c".
std::vector<Value> split_attributes(Interpreter& run, const Value& attributes);
// Texts in lower case unless `exact`.
Value fold_case(Interpreter& run, const Value& value, bool exact);

Value filter_wordwrap(Interpreter& run, const Value& text, Arguments arguments);

}  // namespace loam::jinja
