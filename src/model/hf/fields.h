// The fields of Hugging Face's config.json, checked as they are read; what is wrong with them is collected.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {

class HfFields {
 public:
  HfFields(const nlohmann::json& json, std::string origin) : json_(json), origin_(std::move(origin)) {}

  // A count from 1 on; `fallback` where it is absent or null, -1 for one that must be there. 1 where it is wrong.
  int64_t count(const char* name, int64_t fallback = -1, int64_t min = 1) {
    const nlohmann::json value = json_.value(name, nlohmann::json());
    if (value.is_null() && fallback >= 0) return fallback;
    if (value.is_number_integer() && value >= min && value <= INT32_MAX) return value.get<int64_t>();
    fault(fmt::format("{} is {}; expected a whole number from {}", name, value.is_null() ? "missing" : shown(value),
                      min));
    return 1;
  }
  // A finite number; `fallback` where it is absent, null, or wrong.
  double number(const char* name, double fallback) { return number_in(json_, name, fallback); }
  double number_in(const nlohmann::json& object, const char* name, double fallback) {
    const nlohmann::json value = object.value(name, nlohmann::json());
    if (value.is_null()) return fallback;
    if (value.is_number() && std::isfinite(value.get<double>())) return value.get<double>();
    fault(fmt::format("{} is {}; expected a number", name, shown(value)));
    return fallback;
  }
  bool flag(const char* name, bool fallback) const {
    const nlohmann::json value = json_.value(name, nlohmann::json());
    return value.is_boolean() ? value.get<bool>() : fallback;
  }
  std::string text(const char* name) const {
    const nlohmann::json value = json_.value(name, nlohmann::json());
    return value.is_string() ? value.get<std::string>() : "";
  }
  const nlohmann::json& json() const { return json_; }
  const std::string& origin() const { return origin_; }

  void fault(std::string sentence) { faults_.push_back(std::move(sentence)); }
  void throw_faults() const {
    if (!faults_.empty()) throw Error(Error::Code::model_invalid, fmt::format("{}", fmt::join(faults_, "; ")), origin_);
  }

 private:
  static std::string shown(const nlohmann::json& value) {
    return escape_control(value.dump(-1, ' ', true).substr(0, 40));
  }

  const nlohmann::json& json_;
  const std::string origin_;
  std::vector<std::string> faults_;
};

}  // namespace loam
