#include <algorithm>

#include "engine/grammar/schema_compiler.h"

namespace loam {
namespace {

// What one schema says of an array's items.
struct Items {
  std::vector<SchemaPlace> first;   // one by one
  std::optional<SchemaPlace> rest;  // the others; nothing: any value
};

// Before the draft of 2020, `items` was an array where `prefixItems` is now, and the rest was `additionalItems`.
Items items_of(const SchemaPlace& place) {
  const Json* items = find_keyword(place, "items");
  if (items && items->is_array()) return {find_schemas(place, "items"), find_schema(place, "additionalItems")};
  return {find_schemas(place, "prefixItems"), find_schema(place, "items")};
}

}  // namespace

ExpressionId SchemaCompiler::array(const Conjunction& plain) {
  std::vector<Items> all;
  size_t n_first = 0;
  int64_t min = 0, max = kUnbounded;
  for (const SchemaPlace& place : plain) {
    all.push_back(items_of(place));
    n_first = std::max(n_first, all.back().first.size());
    min = std::max(min, find_least(place, "minItems").value_or(0));
    max = std::min(max, find_most(place, "maxItems").value_or(kUnbounded));
  }
  Conjunction rest;
  for (const Items& items : all) {
    if (!items.rest) continue;
    rest.push_back(*items.rest);
    if (is_false(*items.rest)) max = std::min(max, static_cast<int64_t>(n_first));
  }
  if (min > max) return rules_.never();
  std::vector<ListElement> elements;
  for (size_t i = 0; i < n_first && static_cast<int64_t>(i) < max; ++i) {
    Conjunction item;
    for (const Items& items : all) {
      if (i < items.first.size()) {
        item.push_back(items.first[i]);
      } else if (items.rest) {
        item.push_back(*items.rest);
      }
    }
    elements.push_back({value(item), static_cast<int64_t>(i) < min ? 1 : 0, 1});
  }
  const auto n = static_cast<int64_t>(elements.size());
  if (max > n) {
    elements.push_back({value(rest), std::max<int64_t>(min - n, 0), max == kUnbounded ? kUnbounded : max - n});
  }
  return json_.array_of(std::move(elements));
}

}  // namespace loam
