// One part of a tokenizer.json with its type and settings; what is missing or wrong is told with the part's name.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"

namespace loam::hf {

class Settings {
 public:
  // `name`: where the part stands ("normalizer"). An empty object where the file has null.
  Settings(nlohmann::json json, std::string name) : json_(std::move(json)), name_(std::move(name)) {
    if (json_.is_null()) json_ = nlohmann::json::object();
    if (!json_.is_object()) fail("is no object");
  }

  bool empty() const { return json_.empty(); }
  bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }
  std::string type() const { return text("type"); }

  // `fallback` where it is absent or null.
  std::string text(const char* key, std::string fallback = {}) const {
    if (!has(key)) return fallback;
    if (!json_[key].is_string()) fail(fmt::format("has no text as its {}", key));
    return json_[key].get<std::string>();
  }
  bool flag(const char* key, bool fallback) const {
    if (!has(key)) return fallback;
    if (!json_[key].is_boolean()) fail(fmt::format("has neither true nor false as its {}", key));
    return json_[key].get<bool>();
  }
  int64_t count(const char* key, int64_t fallback) const {
    if (!has(key)) return fallback;
    if (!json_[key].is_number_unsigned() || json_[key].get<uint64_t>() > INT32_MAX)
      fail(fmt::format("has no whole number as its {}", key));
    return json_[key].get<int64_t>();
  }
  // The first of an array: "[SEP]" of ["[SEP]", 102].
  std::string first_text(const char* key) const {
    const nlohmann::json list = json_.value(key, nlohmann::json());
    if (!list.is_array() || list.empty() || !list[0].is_string()) fail(fmt::format("has no token as its {}", key));
    return list[0].get<std::string>();
  }
  // The second of an array, 102 of ["[SEP]", 102]; `fallback` where it has none.
  int64_t second_count(const char* key, int64_t fallback) const {
    const nlohmann::json list = json_.value(key, nlohmann::json());
    if (!list.is_array() || list.size() < 2) return fallback;
    if (!list[1].is_number_unsigned() || list[1].get<uint64_t>() > INT32_MAX)
      fail(fmt::format("has no id as its {}", key));
    return list[1].get<int64_t>();
  }
  // An array of whole numbers; empty where it is absent.
  std::vector<int64_t> counts(const char* key) const {
    std::vector<int64_t> out;
    const nlohmann::json list = json_.value(key, nlohmann::json::array());
    for (const nlohmann::json& number : list) {
      if (!number.is_number_unsigned() || number.get<uint64_t>() > INT32_MAX)
        fail(fmt::format("has something else than whole numbers in its {}", key));
      out.push_back(number.get<int64_t>());
    }
    return out;
  }
  // An array of pairs of whole numbers; empty where it is absent.
  std::vector<std::array<uint64_t, 2>> numbers(const char* key) const {
    std::vector<std::array<uint64_t, 2>> out;
    const nlohmann::json list = json_.value(key, nlohmann::json::array());
    for (const nlohmann::json& pair : list) {
      if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() || !pair[1].is_number_unsigned())
        fail(fmt::format("has something else than pairs of numbers in its {}", key));
      out.push_back({pair[0].get<uint64_t>(), pair[1].get<uint64_t>()});
    }
    return out;
  }
  Settings part(const char* key) const {
    return Settings(json_.value(key, nlohmann::json()), fmt::format("{}.{}", name_, key));
  }
  std::vector<Settings> parts(const char* key) const {
    std::vector<Settings> all;
    const nlohmann::json list = json_.value(key, nlohmann::json::array());
    if (!list.is_array()) fail(fmt::format("has no array as its {}", key));
    for (const nlohmann::json& part : list) all.emplace_back(part, fmt::format("{}.{}[{}]", name_, key, all.size()));
    return all;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Error::Code::model_invalid, fmt::format("tokenizer.json: {} {}", name_, what), "tokenizer.json@0");
  }
  // Of a value that loam has no code for.
  [[noreturn]] void unsupported(const char* key, const std::string& known) const {
    throw Error(
        Error::Code::unsupported,
        fmt::format("tokenizer.json: {}.{} is \"{}\"; loam reads {}", name_, key, escape_control(text(key)), known),
        "tokenizer.json@0");
  }

 private:
  nlohmann::json json_;
  std::string name_;
};

}  // namespace loam::hf
