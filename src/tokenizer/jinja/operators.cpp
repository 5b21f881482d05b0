#include "tokenizer/jinja/operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

constexpr int kUnordered = 2;

int order(auto a, auto b) { return a < b ? -1 : a > b ? 1 : a == b ? 0 : kUnordered; }

// An integer and a float compare exactly, without rounding the integer.
int compare_numbers(const Value& a, const Value& b) {
  const auto i = a.index(), j = b.index();
  if (i && j) return order(*i, *j);
  if (!i && !j) return order(a.real(), b.real());
  if (!i) {
    const int reversed = compare_numbers(b, a);
    return reversed == kUnordered ? reversed : -reversed;
  }
  const double d = b.real();
  if (std::isnan(d)) return kUnordered;
  if (d >= 9223372036854775808.0) return -1;
  if (d < -9223372036854775808.0) return 1;
  const auto whole = static_cast<int64_t>(d);
  return *i != whole ? order(*i, whole) : order(0.0, d - static_cast<double>(whole));
}

bool equal_lists(Heap& heap, const List& a, const List& b) {
  const bool a_tuple = a.kind != List::Kind::list, b_tuple = b.kind != List::Kind::list;
  if (a_tuple != b_tuple || a.items.size() != b.items.size()) return false;
  return std::equal(a.items.begin(), a.items.end(), b.items.begin(),
                    [&](const Value& x, const Value& y) { return equal(heap, x, y); });
}

bool equal_dicts(Heap& heap, const Dict& a, const Dict& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.entries().begin(), a.entries().end(), [&](const Dict::Entry& entry) {
    const Value* other = b.find(heap, entry.first);
    return other && equal(heap, entry.second, *other);
  });
}

bool equal_ranges(const Range& a, const Range& b) {
  if (a.count != b.count) return false;
  return a.count == 0 || (a.start == b.start && (a.count == 1 || a.step == b.step));
}

int compare_lists(Heap& heap, const List& a, const List& b, std::string_view op) {
  const size_t n = std::min(a.items.size(), b.items.size());
  for (size_t i = 0; i < n; ++i) {
    if (!equal(heap, a.items[i], b.items[i])) return compare(heap, a.items[i], b.items[i], op);
  }
  return order(a.items.size(), b.items.size());
}

void check_defined(const Value& a, const Value& b) {
  if (a.is_undefined()) throw Fault{a.undefined_message()};
  if (b.is_undefined()) throw Fault{b.undefined_message()};
}

}  // namespace

bool truth(const Value& value) {
  if (value.is_bool()) return value.boolean();
  if (value.is_integer()) return value.integer() != 0;
  if (value.is_float()) return value.real() != 0;
  if (value.is_text()) return !value.bytes().empty();
  if (value.is_list()) return !value.list()->items.empty();
  if (value.is_dict()) return value.dict()->size() > 0;
  return value.is_object() && value.object()->truth();
}

bool equal(Heap& heap, const Value& a, const Value& b) {
  heap.step();
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.is_text() && b.is_text()) {
    if (a.bytes().size() != b.bytes().size()) return false;
    heap.charge(a.bytes().size(), Work::copy);
    return a.bytes() == b.bytes();
  }
  if (a.is_list() && b.is_list()) return equal_lists(heap, *a.list(), *b.list());
  if (a.is_dict() && b.is_dict()) return equal_dicts(heap, *a.dict(), *b.dict());
  if (a.is_undefined() && b.is_undefined()) return true;
  if (a.as<Range>() && b.as<Range>()) return equal_ranges(*a.as<Range>(), *b.as<Range>());
  return a.same(b);
}

int compare(Heap& heap, const Value& a, const Value& b, std::string_view op) {
  heap.step();
  check_defined(a, b);
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.is_text() && b.is_text()) {
    heap.charge(std::min(a.bytes().size(), b.bytes().size()), Work::copy);
    return order(a.bytes().compare(b.bytes()), 0);  // UTF-8 sorts as its code points do
  }
  const bool both_lists = a.is_list() && b.is_list();
  if (both_lists && (a.list()->kind == List::Kind::list) == (b.list()->kind == List::Kind::list)) {
    return compare_lists(heap, *a.list(), *b.list(), op);
  }
  throw Fault{fmt::format("'{}' not supported between instances of '{}' and '{}'", op, a.type_name(), b.type_name())};
}

bool contains(Interpreter& run, const Value& container, const Value& item) {
  if (container.is_text()) {
    if (!item.is_text()) {
      throw Fault{fmt::format("'in <string>' requires string as left operand, not {}", item.type_name())};
    }
    return find(run.heap, container.bytes(), item.bytes()) != std::string::npos;
  }
  if (container.is_dict()) return container.dict()->find(run.heap, item) != nullptr;
  const ListPtr items = try_items_of(run, container);
  if (!items) throw Fault{fmt::format("argument of type '{}' is not iterable", container.type_name())};
  return std::any_of(items->items.begin(), items->items.end(),
                     [&](const Value& candidate) { return equal(run.heap, candidate, item); });
}

int64_t length(Heap& heap, const Value& value) {
  if (value.is_text()) {
    const Text& text = value.text();
    if (text.ascii) return static_cast<int64_t>(text.bytes.size());
    heap.charge(text.bytes.size(), Work::search);
    return static_cast<int64_t>(count_code_points(text.bytes));
  }
  if (value.is_list()) return static_cast<int64_t>(value.list()->items.size());
  if (value.is_dict()) return static_cast<int64_t>(value.dict()->size());
  if (value.is_undefined()) return 0;
  const auto n = value.is_object() ? value.object()->length() : std::nullopt;
  if (!n) throw Fault{fmt::format("object of type '{}' has no len()", value.type_name())};
  return *n;
}

std::vector<Value> characters(Heap& heap, const Text& text) {
  std::vector<Value> out;
  for (size_t i = 0; i < text.bytes.size();) {
    heap.charge(sizeof(Value), Work::copy);
    const auto n = static_cast<size_t>(decode_utf8(text.bytes, i).bytes);
    out.push_back(heap.text(text.bytes.substr(i, n)));
    i += n;
  }
  return out;
}

ListPtr try_items_of(Interpreter& run, const Value& value) {
  if (value.is_list()) return value.list();
  if (value.is_object()) return value.object()->items(run);
  std::vector<Value> items;
  if (value.is_dict()) {
    run.heap.charge(value.dict()->size() * sizeof(Value), Work::copy);
    for (const auto& [key, unused] : value.dict()->entries()) items.push_back(key);
  } else if (value.is_text()) {
    items = characters(run.heap, value.text());
  } else if (!value.is_undefined()) {
    return nullptr;
  }
  return run.heap.list(std::move(items)).list();
}

ListPtr items_of(Interpreter& run, const Value& value) {
  ListPtr items = try_items_of(run, value);
  if (!items) throw Fault{fmt::format("'{}' object is not iterable", value.type_name())};
  return items;
}

std::string type_repr(const Value& value) {
  if (value.is_none()) return "None";
  if (value.is_object()) return fmt::format("{} object", value.object()->qualified_name());
  if (value.markup()) return "markupsafe.Markup object";
  return fmt::format("{} object", value.type_name());
}

}  // namespace loam::jinja
