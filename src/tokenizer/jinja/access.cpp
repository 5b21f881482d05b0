// object.name, object[key] and object[start:stop:step], with the sandbox's rules on what may be reached.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

// Methods that change a value: the immutable sandbox gives an undefined value that fails when it is called.
bool is_mutating(const Value& object, std::string_view name) {
  static constexpr std::array<std::string_view, 8> kList = {"append", "clear", "pop",    "reverse",
                                                            "insert", "sort",  "extend", "remove"};
  static constexpr std::array<std::string_view, 5> kDict = {"clear", "pop", "popitem", "setdefault", "update"};
  if (object.is_dict()) return std::find(kDict.begin(), kDict.end(), name) != kDict.end();
  const bool list = object.is_list() && object.list()->kind == List::Kind::list;
  return list && std::find(kList.begin(), kList.end(), name) != kList.end();
}

Value unsafe(Interpreter& run, const Value& object, std::string_view name) {
  return run.heap.undefined(
      fmt::format("access to attribute {} of '{}' object is unsafe.", quote(name), object.type_name()));
}

Method find_method(const Value& object, std::string_view name) {
  if (object.is_text()) return find_text_method(name);
  if (object.is_list()) return find_list_method(name);
  return object.is_dict() ? find_dict_method(name) : nullptr;
}

// What Python's getattr() finds.
std::optional<Value> python_attribute(Interpreter& run, const Value& object, std::string_view name) {
  if (object.is_undefined()) throw Fault{object.undefined_message()};
  if (is_mutating(object, name)) return unsafe(run, object, name);
  if (object.is_object()) return object.object()->attribute(run, name);
  if (object.is_list() && object.list()->kind == List::Kind::group) {
    if (name == "grouper") return object.list()->items[0];
    if (name == "list") return object.list()->items[1];
  }
  const Method method = find_method(object, name);
  if (!method) return std::nullopt;
  run.heap.allocate(sizeof(BoundMethod));
  return Value(std::make_shared<BoundMethod>(object, name, method));
}

Value no_attribute(Interpreter& run, const Value& object, const Value& key) {
  if (!key.is_text()) {
    return run.heap.undefined(fmt::format("{} has no element {}", type_repr(object), repr(run, key)));
  }
  return run.heap.undefined(fmt::format("{} has no attribute {}", quote(type_repr(object)), quote(key.bytes())));
}

[[noreturn]] void refuse(const Value& object, std::string_view name) {
  throw Fault{fmt::format("access to attribute {} of '{}' object is unsafe.", quote(name), object.type_name())};
}

std::optional<Value> item_at(Interpreter& run, const Value& object, int64_t i) {
  if (object.is_text()) {
    const Text& text = object.text();
    const int64_t n = length(run.heap, object);
    if (i < 0) i += n;
    if (i < 0 || i >= n) return std::nullopt;
    const size_t at = byte_offset(run.heap, text.bytes, i, text.ascii);
    return run.heap.text(text.bytes.substr(at, static_cast<size_t>(decode_utf8(text.bytes, at).bytes)), text.markup);
  }
  const Range* range = object.as<Range>();
  if (!object.is_list() && !range) return std::nullopt;
  const int64_t n = length(run.heap, object);
  if (i < 0) i += n;
  if (i < 0 || i >= n) return std::nullopt;
  if (range) return Value(range->start + i * range->step);
  return object.list()->items[static_cast<size_t>(i)];
}

// Which places a slice takes of a sequence of `n`, as Python's slice.indices().
struct Places {
  int64_t start, step, count;
};

int64_t slice_index(const Value& value, int64_t fallback) {
  if (value.is_none()) return fallback;
  if (value.is_undefined()) throw Fault{"slice indices must be integers or None or have an __index__ method"};
  if (const auto i = value.index()) return *i;
  throw Fault{"slice indices must be integers or None or have an __index__ method"};
}

Places slice_places(int64_t n, const Value& start, const Value& stop, const Value& step_value) {
  const int64_t step = std::clamp(slice_index(step_value, 1), -INT64_MAX, INT64_MAX);
  if (step == 0) throw Fault{"slice step cannot be zero"};
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
  const auto bound = [&](const Value& value, int64_t fallback) {
    int64_t i = slice_index(value, fallback);
    if (!value.is_none() && i < 0) i += n;
    return std::clamp(i, low, high);
  };
  const int64_t first = bound(start, step > 0 ? low : high), last = bound(stop, step > 0 ? high : low);
  const int64_t distance = step > 0 ? last - first : first - last;
  return {first, step, distance <= 0 ? 0 : (distance - 1) / std::abs(step) + 1};
}

Value slice_text(Interpreter& run, const Value& object, const Places& places) {
  const Text& text = object.text();
  if (places.step == 1) {
    const size_t begin = byte_offset(run.heap, text.bytes, places.start, text.ascii);
    const std::string_view tail = std::string_view(text.bytes).substr(begin);
    return run.heap.text(std::string(tail.substr(0, byte_offset(run.heap, tail, places.count, text.ascii))),
                         text.markup);
  }
  run.heap.charge(text.bytes.size(), Work::decode);
  const std::vector<char32_t> points = code_points(text.bytes);
  std::string out;
  for (int64_t k = 0; k < places.count; ++k) {
    append_utf8(out, points[static_cast<size_t>(places.start + k * places.step)]);
  }
  return run.heap.text(std::move(out), text.markup);
}

}  // namespace

Value attribute(Interpreter& run, const Value& object, std::string_view name) {
  if (std::optional<Value> value = python_attribute(run, object, name)) return *std::move(value);
  if (object.is_dict()) {
    if (const Value* value = object.dict()->find(run.heap, name)) return *value;
  }
  if (name.starts_with('_')) refuse(object, name);
  return no_attribute(run, object, run.heap.text(std::string(name)));
}

Value element(Interpreter& run, const Value& object, const Value& key) {
  if (object.is_undefined()) throw Fault{object.undefined_message()};
  const bool unhashable = key.is_dict() || (key.is_list() && key.list()->kind == List::Kind::list);
  if (object.is_dict() && !unhashable) {
    if (const Value* value = object.dict()->find(run.heap, key)) return *value;
  }
  if (const auto i = key.index()) {
    if (std::optional<Value> value = item_at(run, object, *i)) return *std::move(value);
  }
  if (!key.is_text()) return no_attribute(run, object, key);
  if (std::optional<Value> value = python_attribute(run, object, key.bytes())) return *std::move(value);
  if (key.bytes().starts_with("__")) refuse(object, key.bytes());
  return no_attribute(run, object, key);
}

Value slice(Interpreter& run, const Value& object, const Value& start, const Value& stop, const Value& step) {
  if (object.is_undefined()) throw Fault{object.undefined_message()};
  const bool range = object.as<Range>() != nullptr;
  if (!object.is_text() && !object.is_list() && !range) {
    throw Fault{object.is_dict() ? "unhashable type: 'slice'"
                                 : fmt::format("'{}' object is not subscriptable", object.type_name())};
  }
  const Places places = slice_places(length(run.heap, object), start, stop, step);
  if (object.is_text()) return slice_text(run, object, places);
  const ListPtr source = items_of(run, object);
  run.heap.step(places.count);
  std::vector<Value> items;
  for (int64_t k = 0; k < places.count; ++k) {
    items.push_back(source->items[static_cast<size_t>(places.start + k * places.step)]);
  }
  const bool list = range || source->kind == List::Kind::list;
  return run.heap.list(std::move(items), list ? List::Kind::list : List::Kind::tuple);
}

}  // namespace loam::jinja
