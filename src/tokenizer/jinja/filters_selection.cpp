// map, select, reject and what they share with other filters: attribute paths.
#include <fmt/format.h>

#include <algorithm>

#include "tokenizer/jinja/filters.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {

Value attribute_path(Interpreter& run, const Value& item, const Value& path, const Value& fallback) {
  if (path.is_none()) return item;
  if (!path.is_text()) {
    Value found = element(run, item, path);
    return found.is_undefined() && !fallback.is_none() ? fallback : found;
  }
  static constexpr std::string_view kDot = ".";
  Value value = item;
  for (const std::string_view part : split(run.heap, path.bytes(), &kDot, -1)) {
    const bool number = all_are(run.heap, part, CharacterClass::decimal) && part.size() < 18;
    value =
        element(run, value, number ? Value(int64_t{std::stoll(std::string(part))}) : run.heap.text(std::string(part)));
    if (value.is_undefined() && !fallback.is_none()) value = fallback;
  }
  return value;
}

std::vector<Value> split_attributes(Interpreter& run, const Value& attributes) {
  if (!attributes.is_text()) return {attributes};
  static constexpr std::string_view kComma = ",";
  std::vector<Value> parts;
  for (const std::string_view part : split(run.heap, attributes.bytes(), &kComma, -1)) {
    parts.push_back(run.heap.text(std::string(part)));
  }
  return parts;
}

Value fold_case(Interpreter& run, const Value& value, bool exact) {
  if (exact || !value.is_text()) return value;
  return run.heap.text(lower(run.heap, value.bytes()));
}

namespace {

Value take_first(Arguments& arguments) {
  Value first = std::move(arguments.positional.front());
  arguments.positional.erase(arguments.positional.begin());
  return first;
}

Value map_attribute(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("map", std::move(a), {"attribute", "default"});
  std::vector<Value> out;
  for (const ListPtr items = items_of(run, v); const Value& item : items->items) {
    run.heap.step();
    out.push_back(attribute_path(run, item, *bound[0], bound.get(1)));
  }
  return make_generator(run, std::move(out));
}

// map('filter', …) or map(attribute='path', default=…)
Value filter_map(Interpreter& run, const Value& v, Arguments a) {
  if (!truth(v)) return make_generator(run, {});
  if (a.positional.empty()) {
    if (!a.has("attribute")) throw Fault{"map requires a filter argument"};
    return map_attribute(run, v, std::move(a));
  }
  const std::string name = to_text(run, take_first(a));
  const Filter filter = find_filter(name);
  if (!filter) throw Fault{fmt::format("No filter named {}.", quote(name))};
  std::vector<Value> out;
  for (const ListPtr items = items_of(run, v); const Value& item : items->items) {
    run.heap.step();
    out.push_back(filter(run, item, a));
  }
  return make_generator(run, std::move(out));
}

// The items whose value (or attribute) passes, or does not pass, a test; its truth where no test is named.
Value choose(Interpreter& run, const Value& v, Arguments a, bool keep, bool by_attribute) {
  if (!truth(v)) return make_generator(run, {});
  Value path;
  if (by_attribute) {
    if (a.positional.empty()) throw Fault{"Missing parameter for attribute name"};
    path = take_first(a);
  }
  Test test = nullptr;
  if (!a.positional.empty()) {
    const std::string name = to_text(run, take_first(a));
    test = find_test(name);
    if (!test) throw Fault{fmt::format("No test named {}.", quote(name))};
  }
  std::vector<Value> kept;
  for (const ListPtr items = items_of(run, v); const Value& item : items->items) {
    run.heap.step();
    const Value value = attribute_path(run, item, path);
    if ((test ? test(run, value, a) : truth(value)) == keep) kept.push_back(item);
  }
  return make_generator(run, std::move(kept));
}

Value filter_select(Interpreter& run, const Value& v, Arguments a) { return choose(run, v, std::move(a), true, false); }
Value filter_reject(Interpreter& run, const Value& v, Arguments a) {
  return choose(run, v, std::move(a), false, false);
}
Value filter_selectattr(Interpreter& run, const Value& v, Arguments a) {
  return choose(run, v, std::move(a), true, true);
}
Value filter_rejectattr(Interpreter& run, const Value& v, Arguments a) {
  return choose(run, v, std::move(a), false, true);
}

constexpr std::pair<std::string_view, Filter> kSelectionFilters[] = {
    {"map", filter_map},
    {"select", filter_select},
    {"reject", filter_reject},
    {"selectattr", filter_selectattr},
    {"rejectattr", filter_rejectattr},
};

}  // namespace

Filter find_selection_filter(std::string_view name) {
  for (const auto& [key, filter] : kSelectionFilters) {
    if (key == name) return filter;
  }
  return nullptr;
}

Filter find_filter(std::string_view name) {
  for (const auto find : {find_text_filter, find_sequence_filter, find_selection_filter, find_value_filter}) {
    if (const Filter filter = find(name)) return filter;
  }
  return nullptr;
}

}  // namespace loam::jinja
