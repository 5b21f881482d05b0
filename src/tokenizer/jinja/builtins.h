// The filters, tests, methods and functions that every template can use, by name.
#pragma once

#include "tokenizer/jinja/value.h"

namespace loam::jinja {

using Filter = Value (*)(Interpreter& run, const Value& input, Arguments arguments);
using Test = bool (*)(Interpreter& run, const Value& input, Arguments arguments);
using Method = Value (*)(Interpreter& run, const Value& self, Arguments arguments);

Filter find_filter(std::string_view name);  // nullptr where there is none, as below
Test find_test(std::string_view name);
Method find_text_method(std::string_view name);
Method find_list_method(std::string_view name);
Method find_dict_method(std::string_view name);

// range, dict, namespace, cycler, joiner, raise_exception, strftime_now.
const std::vector<std::pair<std::string_view, Method>>& global_functions();

// Each in its own file; find_filter asks them in turn.
Filter find_text_filter(std::string_view name);
Filter find_sequence_filter(std::string_view name);
Filter find_selection_filter(std::string_view name);
Filter find_value_filter(std::string_view name);

// "%s is %d" % arguments, and "{} is {x}".format(…).
Value format_percent(Interpreter& run, const Value& format, const Value& arguments);
Value format_braces(Interpreter& run, const Value& format, Arguments arguments);

// `now` by strftime's `format`; now is ISO 8601 or empty for the system clock.
Value format_time(Interpreter& run, std::string_view format, std::string_view now);

}  // namespace loam::jinja
