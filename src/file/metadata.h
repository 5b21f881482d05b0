// Typed key → value metadata of a model file, with overrides; every access names the key it wants.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace loam {

// GGUF's value types; the numbers are the file's.
enum class MetaType : uint32_t {
  u8 = 0,
  i8 = 1,
  u16 = 2,
  i16 = 3,
  u32 = 4,
  i32 = 5,
  f32 = 6,
  boolean = 7,
  string = 8,
  array = 9,
  u64 = 10,
  i64 = 11,
  f64 = 12,
};

// One array: numbers keep their file type in `type`; strings are views into the file's bytes (alive as long as the
// file).
struct MetaArray {
  MetaType type = MetaType::u8;
  std::variant<std::vector<int64_t>, std::vector<double>, std::vector<std::string_view>> items;
  size_t size() const;
};

struct MetaValue {
  MetaType type = MetaType::u8;
  uint64_t offset = 0, end = 0;  // its bytes in the file, [offset, end); 0 for overrides
  std::variant<int64_t, uint64_t, double, bool, std::string_view, MetaArray> value;
};

// Errors are Error(model_invalid) naming the key, with `where` = "key@0" for a missing required one, "type@offset" for
// another type than asked, "hparam@offset" for an integer out of range.
class Metadata {
 public:
  const MetaValue* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }

  // The value where present (integers of any width accepted, checked against the asked range), else nullopt.
  std::optional<int64_t> integer(std::string_view key, int64_t min = INT64_MIN, int64_t max = INT64_MAX) const;
  std::optional<double> number(std::string_view key) const;  // floats and integers
  std::optional<bool> boolean(std::string_view key) const;
  std::optional<std::string_view> string(std::string_view key) const;
  // nullptr where absent; an error where present with other element types.
  const std::vector<std::string_view>* strings(std::string_view key) const;
  const std::vector<int64_t>* integers(std::string_view key) const;  // any integer or bool element type
  const std::vector<double>* numbers(std::string_view key) const;    // f32 or f64 elements

  // The same, but absent is an error.
  int64_t require_integer(std::string_view key, int64_t min = INT64_MIN, int64_t max = INT64_MAX) const;
  double require_number(std::string_view key) const;
  std::string_view require_string(std::string_view key) const;

  // "key=type:value" with type int, float, bool or str, as people know it from --override-kv. Error(invalid) if
  // malformed.
  void apply_override(std::string_view text);

  void insert(std::string key, MetaValue value);
  // Frees a value that nobody will ask for again; vocabularies have arrays of many megabytes.
  void forget(std::string_view key);
  const std::map<std::string, MetaValue, std::less<>>& entries() const { return entries_; }

 private:
  std::map<std::string, MetaValue, std::less<>> entries_;
  std::vector<std::shared_ptr<std::string>> owned_;  // texts of overrides
};

}  // namespace loam
