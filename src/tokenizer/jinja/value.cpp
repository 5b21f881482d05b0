#include "tokenizer/jinja/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "tokenizer/jinja/operators.h"
#include "tokenizer/jinja/print.h"

namespace loam::jinja {

Value Value::undefined(std::string message) {
  return Value(Undefined{std::make_shared<const std::string>(std::move(message))});
}

std::optional<int64_t> Value::index() const {
  if (is_integer()) return integer();
  if (is_bool()) return boolean() ? 1 : 0;
  return std::nullopt;
}

std::optional<double> Value::number() const {
  if (is_float()) return real();
  if (const auto i = index()) return static_cast<double>(*i);
  return std::nullopt;
}

bool Value::same(const Value& other) const {
  if (data_.index() != other.data_.index()) return false;
  if (is_none()) return true;
  if (is_bool()) return boolean() == other.boolean();
  if (is_integer()) return integer() == other.integer();
  if (is_text()) return &text() == &other.text();
  if (is_list()) return list() == other.list();
  if (is_dict()) return dict() == other.dict();
  if (is_object()) return object() == other.object();
  return this == &other;
}

int Value::depth() const {
  if (is_list()) return list()->depth;
  if (is_dict()) return dict()->depth();
  return 0;
}

std::string_view Value::type_name() const {
  if (is_none()) return "NoneType";
  if (is_undefined()) return "Undefined";
  if (is_bool()) return "bool";
  if (is_integer()) return "int";
  if (is_float()) return "float";
  if (is_text()) return markup() ? "Markup" : "str";
  if (is_list()) return list()->kind == List::Kind::list ? "list" : "tuple";
  if (is_dict()) return "dict";
  return object()->type_name();
}

namespace {

// The keys of a tuple's items one after the other: each tells where it ends.
void append_key(Heap& heap, std::string& out, const Value& value) {
  using namespace std::string_literals;
  heap.step();
  if (value.is_text()) {
    heap.charge(value.bytes().size(), Work::copy);
    out += "\0s"s + std::to_string(value.bytes().size()) + ":" + value.bytes();
  } else if (value.is_none()) {
    out += "\0n"s;
  } else if (value.is_undefined()) {
    out += "\0u"s;
  } else if (const auto i = value.index()) {
    out += "\0i"s + std::to_string(*i) + ";";
  } else if (value.is_float()) {
    const double d = value.real();
    const bool whole = d == std::floor(d) && std::abs(d) < 9.2e18;
    out += whole ? "\0i"s + std::to_string(static_cast<int64_t>(d)) : "\0f"s + float_repr(d);
    out += ';';
  } else if (value.is_object()) {
    out += "\0o"s + std::to_string(reinterpret_cast<uintptr_t>(value.object().get())) + ";";
  } else if (value.is_dict() || value.list()->kind == List::Kind::list) {
    throw Fault{fmt::format("unhashable type: '{}'", value.type_name())};
  } else {
    out += "\0("s;
    for (const Value& item : value.list()->items) append_key(heap, out, item);
    out += "\0)"s;
  }
}

}  // namespace

// A text is its own key, unless it could be taken for another value's.
std::string hash_key(Heap& heap, const Value& value) {
  std::string key;
  if (value.is_text() && !value.bytes().starts_with('\0')) {
    heap.charge(value.bytes().size(), Work::copy);
    key = value.bytes();
  } else {
    append_key(heap, key, value);
  }
  return key;
}

void Dict::charge_search(Heap& heap, size_t key_bytes) const {
  const auto comparisons = static_cast<size_t>(std::bit_width(entries_.size()));
  heap.step(static_cast<int64_t>(comparisons));
  heap.charge(comparisons * key_bytes, Work::copy);
}

const Value* Dict::find(Heap& heap, const Value& key) const {
  const std::string hashed = hash_key(heap, key);
  charge_search(heap, hashed.size());
  const auto found = index_.find(hashed);
  return found == index_.end() ? nullptr : &entries_[found->second].second;
}

const Value* Dict::find(Heap& heap, std::string_view key) const {
  if (key.starts_with('\0')) return nullptr;
  charge_search(heap, key.size());
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &entries_[found->second].second;
}

void Dict::set(Heap& heap, Value key, Value value) {
  std::string hashed = hash_key(heap, key);
  charge_search(heap, hashed.size());
  heap.allocate(2 * sizeof(Entry) + hashed.size());  // with the tree's node
  depth_ = std::max({depth_, 1 + value.depth(), 1 + key.depth()});
  const auto [place, added] = index_.emplace(std::move(hashed), entries_.size());
  if (added) {
    entries_.emplace_back(std::move(key), std::move(value));
  } else {
    entries_[place->second].second = std::move(value);
  }
}

std::string Object::repr(Interpreter&, int) { return fmt::format("<{} object>", qualified_name()); }

Value Object::call(Interpreter&, Arguments) { throw Fault{fmt::format("'{}' object is not callable", type_name())}; }

bool Arguments::has(std::string_view name) const {
  return std::any_of(keyword.begin(), keyword.end(), [&](const auto& argument) { return argument.first == name; });
}

std::optional<Value> Arguments::take(std::string_view name) {
  const auto found =
      std::find_if(keyword.begin(), keyword.end(), [&](const auto& argument) { return argument.first == name; });
  std::optional<Value> value;
  if (found != keyword.end()) {
    value = found->second;
    keyword.erase(found);
  }
  return value;
}

Bound::Bound(std::string_view function, Arguments arguments, std::initializer_list<std::string_view> names,
             size_t required)
    : values_(names.size()) {
  if (arguments.positional.size() > names.size()) {
    throw Fault{fmt::format("{}() takes at most {} argument(s) but {} were given", function, names.size(),
                            arguments.positional.size())};
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = names.begin()[i];
    std::optional<Value> named = arguments.take(name);
    if (i < arguments.positional.size()) {
      if (named) throw Fault{fmt::format("{}() got multiple values for argument '{}'", function, name)};
      values_[i] = std::move(arguments.positional[i]);
    } else {
      values_[i] = std::move(named);
    }
    if (!values_[i] && i < required) throw Fault{fmt::format("{}() is missing its argument '{}'", function, name)};
  }
  if (!arguments.keyword.empty()) {
    throw Fault{fmt::format("{}() got an unexpected keyword argument '{}'", function, arguments.keyword.front().first)};
  }
}

bool Bound::flag(size_t i, bool fallback) const { return values_[i] ? truth(*values_[i]) : fallback; }

int64_t Bound::integer(size_t i, int64_t fallback) const {
  if (!values_[i]) return fallback;
  if (values_[i]->is_undefined()) throw Fault{values_[i]->undefined_message()};
  if (const auto index = values_[i]->index()) return *index;
  throw Fault{fmt::format("'{}' object cannot be interpreted as an integer", values_[i]->type_name())};
}

}  // namespace loam::jinja
