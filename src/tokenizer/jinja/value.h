// The values that a template computes with: Python's, as far as a template can tell.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace loam::jinja {

class Dict;
class Heap;
class Interpreter;
struct Arguments;
struct List;
struct Object;

// Anything that goes wrong while rendering; whoever started the rendering adds the line.
struct Fault {
  std::string message;
};

struct Text {
  std::string bytes;  // UTF-8
  bool ascii;         // one byte per code point, so that indexing needs no scan
  bool markup;        // Jinja's Markup: what is joined to it is HTML-escaped
};

// Prints as nothing and is false; most other uses fail with `message`.
struct Undefined {
  std::shared_ptr<const std::string> message;
};

using TextPtr = std::shared_ptr<const Text>;
using ListPtr = std::shared_ptr<const List>;
using DictPtr = std::shared_ptr<const Dict>;
using ObjectPtr = std::shared_ptr<Object>;

class Value {
 public:
  Value() = default;  // None
  Value(std::same_as<bool> auto b) : data_(b) {}
  Value(std::same_as<int64_t> auto i) : data_(i) {}
  Value(std::same_as<double> auto d) : data_(d) {}
  Value(TextPtr text) : data_(std::move(text)) {}
  Value(ListPtr list) : data_(std::move(list)) {}
  Value(DictPtr dict) : data_(std::move(dict)) {}
  Value(ObjectPtr object) : data_(std::move(object)) {}
  static Value undefined(std::string message);

  bool is_none() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_undefined() const { return std::holds_alternative<Undefined>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_integer() const { return std::holds_alternative<int64_t>(data_); }  // not a bool
  bool is_float() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_bool() || is_integer() || is_float(); }
  bool is_text() const { return std::holds_alternative<TextPtr>(data_); }
  bool is_list() const { return std::holds_alternative<ListPtr>(data_); }  // or a tuple
  bool is_dict() const { return std::holds_alternative<DictPtr>(data_); }
  bool is_object() const { return std::holds_alternative<ObjectPtr>(data_); }

  // Each only where the matching is_…() holds.
  const std::string& undefined_message() const { return *std::get<Undefined>(data_).message; }
  bool boolean() const { return std::get<bool>(data_); }
  int64_t integer() const { return std::get<int64_t>(data_); }
  double real() const { return std::get<double>(data_); }
  const Text& text() const { return *std::get<TextPtr>(data_); }
  const std::string& bytes() const { return text().bytes; }
  const ListPtr& list() const { return std::get<ListPtr>(data_); }
  const DictPtr& dict() const { return std::get<DictPtr>(data_); }
  const ObjectPtr& object() const { return std::get<ObjectPtr>(data_); }
  template <class T>
  T* as() const {
    return is_object() ? dynamic_cast<T*>(object().get()) : nullptr;
  }

  std::optional<int64_t> index() const;  // integers and bools
  std::optional<double> number() const;  // integers, bools and floats
  bool markup() const { return is_text() && text().markup; }
  bool same(const Value& other) const;  // Python's `is`
  int depth() const;                    // containers nested in it, itself counted
  std::string_view type_name() const;   // Python's type(x).__name__

 private:
  explicit Value(Undefined undefined) : data_(std::move(undefined)) {}

  std::variant<std::monostate, Undefined, bool, int64_t, double, TextPtr, ListPtr, DictPtr, ObjectPtr> data_;
};

struct List {
  enum class Kind { list, tuple, group };  // a group is groupby's (grouper, list) tuple
  std::vector<Value> items;
  Kind kind = Kind::list;
  int depth = 1;
};

// Keeps the order of insertion. Keys are the hashable values, and 1, 1.0 and True are one key, as in Python.
class Dict {
 public:
  using Entry = std::pair<Value, Value>;
  const std::vector<Entry>& entries() const { return entries_; }
  size_t size() const { return entries_.size(); }
  // Each charges the heap for the comparisons with other keys.
  const Value* find(Heap& heap, const Value& key) const;  // Fault for an unhashable key
  const Value* find(Heap& heap, std::string_view key) const;
  void set(Heap& heap, Value key, Value value);
  int depth() const { return depth_; }

 private:
  void charge_search(Heap& heap, size_t key_bytes) const;

  std::vector<Entry> entries_;
  std::map<std::string, size_t, std::less<>> index_;  // hash_key → place in entries_
  int depth_ = 1;
};

// Equal values, and only they, have the same key. Fault for lists and dicts.
std::string hash_key(Heap& heap, const Value& value);

// Everything with behaviour: functions, macros, loops, ranges, generators, namespaces.
struct Object : std::enable_shared_from_this<Object> {
  virtual ~Object() = default;
  virtual std::string_view type_name() const = 0;
  virtual std::string_view qualified_name() const { return type_name(); }  // in messages
  virtual std::string repr(Interpreter& run, int depth);
  virtual bool truth() { return true; }
  virtual std::optional<int64_t> length() { return std::nullopt; }
  virtual ListPtr items(Interpreter&) { return nullptr; }  // nullptr where it cannot be iterated
  virtual std::optional<Value> attribute(Interpreter&, std::string_view) { return std::nullopt; }
  virtual bool callable() const { return false; }
  virtual Value call(Interpreter& run, Arguments arguments);
};

// A call's actual arguments.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> keyword;

  bool has(std::string_view name) const;  // as a keyword
  // Removes and returns a keyword argument.
  std::optional<Value> take(std::string_view name);
};

// Arguments laid out by a signature. `names` are the parameters in order; a nullptr from [] is one not given.
class Bound {
 public:
  Bound(std::string_view function, Arguments arguments, std::initializer_list<std::string_view> names,
        size_t required = 0);

  const Value* operator[](size_t i) const { return values_[i] ? &*values_[i] : nullptr; }
  Value get(size_t i, Value fallback = {}) const { return values_[i] ? *values_[i] : std::move(fallback); }
  bool flag(size_t i, bool fallback = false) const;
  int64_t integer(size_t i, int64_t fallback) const;  // Fault where the argument is not an integer

 private:
  std::vector<std::optional<Value>> values_;
};

}  // namespace loam::jinja
