// Filters on sequences as a whole: their ends, order, grouping and sums.
#include "tokenizer/jinja/filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

Value filter_length(Interpreter& run, const Value& v, Arguments) { return length(run.heap, v); }
Value filter_list(Interpreter& run, const Value& v, Arguments) {
  const ListPtr items = items_of(run, v);
  return items->kind == List::Kind::list ? Value(items) : run.heap.list(items->items);
}

Value filter_first(Interpreter& run, const Value& v, Arguments) {
  const ListPtr items = items_of(run, v);
  return items->items.empty() ? run.heap.undefined("No first item, sequence was empty.") : items->items.front();
}

void require_reversible(const Value& v) {
  if (v.as<Generator>() || v.is_none() || v.is_number()) {
    throw Fault{fmt::format("'{}' object is not reversible", v.type_name())};
  }
}

Value filter_last(Interpreter& run, const Value& v, Arguments) {
  require_reversible(v);
  const ListPtr items = items_of(run, v);
  return items->items.empty() ? run.heap.undefined("No last item, sequence was empty.") : items->items.back();
}

Value filter_reverse(Interpreter& run, const Value& v, Arguments) {
  if (v.is_text()) return slice(run, v, {}, {}, Value(int64_t{-1}));
  const ListPtr items = try_items_of(run, v);
  if (!items) throw Fault{"argument must be iterable"};
  return make_generator(run, {items->items.rbegin(), items->items.rend()}, "list_reverseiterator");
}

Value filter_join(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("join", std::move(a), {"d", "attribute"});
  const std::string separator = bound[0] ? to_text(run, *bound[0]) : "";
  Builder out(run.heap);
  bool first = true;
  for (const ListPtr items = items_of(run, v); const Value& item : items->items) {
    run.heap.step();
    if (!first) out += separator;
    first = false;
    out += to_text(run, bound[1] && !bound[1]->is_none() ? attribute_path(run, item, *bound[1]) : item);
  }
  return out.finish();
}

std::vector<Value> sorted(Interpreter& run, std::vector<Value> items, bool reverse,
                          const std::function<Value(const Value&)>& key_of) {
  std::vector<std::pair<Value, Value>> keyed;
  for (Value& item : items) {
    run.heap.step();
    keyed.emplace_back(key_of(item), std::move(item));
  }
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return compare(run.heap, a.first, b.first, "<") == (reverse ? 1 : -1);
  });
  items.clear();
  for (auto& [key, item] : keyed) items.push_back(std::move(item));
  return items;
}

Value filter_sort(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("sort", std::move(a), {"reverse", "case_sensitive", "attribute"});
  const bool exact = bound.flag(1);
  const std::vector<Value> paths = split_attributes(run, bound.get(2));
  const auto key = [&](const Value& item) {
    std::vector<Value> keys;
    for (const Value& path : paths) keys.push_back(fold_case(run, attribute_path(run, item, path), exact));
    return run.heap.list(std::move(keys));
  };
  return run.heap.list(sorted(run, items_of(run, v)->items, bound.flag(0), key));
}

Value filter_dictsort(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("dictsort", std::move(a), {"case_sensitive", "by", "reverse"});
  if (!v.is_dict()) attribute(run, v, "items");  // fails where it is undefined
  if (!v.is_dict()) throw Fault{fmt::format("dictsort expects a mapping, not '{}'", v.type_name())};
  const std::string by = bound[1] ? to_text(run, *bound[1]) : "key";
  if (by != "key" && by != "value") throw Fault{"You can only sort by either \"key\" or \"value\""};
  const size_t place = by == "key" ? 0 : 1;
  const auto key = [&](const Value& item) { return fold_case(run, item.list()->items[place], bound.flag(0)); };
  const ListPtr items = DictView(v.dict(), DictView::Kind::items).items(run);
  return run.heap.list(sorted(run, items->items, bound.flag(2), key));
}

Value filter_unique(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("unique", std::move(a), {"case_sensitive", "attribute"});
  std::set<std::string> seen;
  std::vector<Value> kept;
  for (const ListPtr items = items_of(run, v); const Value& item : items->items) {
    run.heap.step();
    const std::string key = hash_key(run.heap, fold_case(run, attribute_path(run, item, bound.get(1)), bound.flag(0)));
    const auto comparisons = static_cast<size_t>(std::bit_width(seen.size()));
    run.heap.step(static_cast<int64_t>(comparisons));
    run.heap.charge(comparisons * key.size(), Work::copy);
    run.heap.allocate(2 * sizeof(key) + key.size());
    if (seen.insert(key).second) kept.push_back(item);
  }
  return make_generator(run, std::move(kept));
}

Value extreme(Interpreter& run, const Value& v, Arguments a, int wanted, std::string_view op) {
  const Bound bound("min", std::move(a), {"case_sensitive", "attribute"});
  const ListPtr items = items_of(run, v);
  if (items->items.empty()) return run.heap.undefined("No aggregated item, sequence was empty.");
  const auto key = [&](const Value& item) {
    return fold_case(run, attribute_path(run, item, bound.get(1)), bound.flag(0));
  };
  Value best = items->items[0], best_key = key(best);
  for (size_t i = 1; i < items->items.size(); ++i) {
    Value candidate = key(items->items[i]);
    if (compare(run.heap, candidate, best_key, op) != wanted) continue;
    best = items->items[i];
    best_key = std::move(candidate);
  }
  return best;
}

Value filter_min(Interpreter& run, const Value& v, Arguments a) { return extreme(run, v, std::move(a), -1, "<"); }
Value filter_max(Interpreter& run, const Value& v, Arguments a) { return extreme(run, v, std::move(a), 1, ">"); }

Value filter_sum(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("sum", std::move(a), {"attribute", "start"});
  Value total = bound.get(1, Value(int64_t{0}));
  if (total.is_text()) throw Fault{"sum() can't sum strings [use ''.join(seq) instead]"};
  for (const ListPtr items = items_of(run, v); const Value& item : items->items) {
    run.heap.step();
    total = arithmetic(run, Arithmetic::add, total, attribute_path(run, item, bound.get(0)));
  }
  return total;
}

Value filter_batch(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("batch", std::move(a), {"linecount", "fill_with"}, 1);
  const int64_t n = bound.integer(0, 0);
  const Value fill = bound.get(1);
  std::vector<Value> batches, batch;
  for (const ListPtr items = items_of(run, v); const Value& item : items->items) {
    run.heap.step();
    if (static_cast<int64_t>(batch.size()) == n) batches.push_back(run.heap.list(std::exchange(batch, {})));
    batch.push_back(item);
  }
  if (!batch.empty()) {
    const int64_t missing = fill.is_none() ? 0 : n - static_cast<int64_t>(batch.size());
    if (missing > 0) {
      run.heap.step(std::min(missing, run.heap.limits().steps + 1));
      batch.insert(batch.end(), static_cast<size_t>(missing), fill);
    }
    batches.push_back(run.heap.list(std::move(batch)));
  }
  return make_generator(run, std::move(batches));
}

Value filter_slice(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("slice", std::move(a), {"slices", "fill_with"}, 1);
  const int64_t n = bound.integer(0, 0);
  const Value fill = bound.get(1);
  if (n == 0) throw Fault{"integer division or modulo by zero"};
  const ListPtr items = items_of(run, v);
  const auto size = static_cast<int64_t>(items->items.size());
  std::vector<Value> slices;
  int64_t begin = 0;
  for (int64_t k = 0; k < n; ++k) {
    run.heap.step();
    const int64_t count = size / n + (k < size % n ? 1 : 0);
    std::vector<Value> part(items->items.begin() + begin, items->items.begin() + begin + count);
    if (!fill.is_none() && k >= size % n) part.push_back(fill);
    slices.push_back(run.heap.list(std::move(part)));
    begin += count;
  }
  return make_generator(run, std::move(slices));
}

Value filter_groupby(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("groupby", std::move(a), {"attribute", "default", "case_sensitive"}, 1);
  const auto exact_key = [&](const Value& item) { return attribute_path(run, item, *bound[0], bound.get(1)); };
  const auto key = [&](const Value& item) { return fold_case(run, exact_key(item), bound.flag(2)); };
  std::vector<Value> groups, group;
  Value group_key;
  const auto flush = [&] {
    if (group.empty()) return;
    const Value name = exact_key(group[0]);
    groups.push_back(run.heap.list({name, run.heap.list(std::exchange(group, {}))}, List::Kind::group));
  };
  for (const Value& item : sorted(run, items_of(run, v)->items, false, key)) {
    Value next_key = key(item);
    if (!group.empty() && !equal(run.heap, group_key, next_key)) flush();
    group_key = std::move(next_key);
    group.push_back(item);
  }
  flush();
  return run.heap.list(std::move(groups));
}

Value filter_items(Interpreter& run, const Value& v, Arguments) {
  if (v.is_undefined()) return make_generator(run, {});
  if (!v.is_dict()) throw Fault{"Can only get item pairs from a mapping."};
  return make_generator(run, DictView(v.dict(), DictView::Kind::items).items(run)->items);
}

constexpr std::pair<std::string_view, Filter> kSequenceFilters[] = {
    {"length", filter_length},     {"count", filter_length},    {"list", filter_list},   {"first", filter_first},
    {"last", filter_last},         {"reverse", filter_reverse}, {"join", filter_join},   {"sort", filter_sort},
    {"dictsort", filter_dictsort}, {"unique", filter_unique},   {"min", filter_min},     {"max", filter_max},
    {"sum", filter_sum},           {"batch", filter_batch},     {"slice", filter_slice}, {"groupby", filter_groupby},
    {"items", filter_items},
};

}  // namespace

Filter find_sequence_filter(std::string_view name) {
  for (const auto& [key, filter] : kSequenceFilters) {
    if (key == name) return filter;
  }
  return nullptr;
}

}  // namespace loam::jinja
