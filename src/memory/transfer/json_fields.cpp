#include "memory/transfer/json_fields.h"

#include <fmt/format.h>

#include "base/error.h"

namespace loam {
namespace {

using Json = nlohmann::json;

const Json* find_field(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found != object.end() ? &*found : nullptr;
}

}  // namespace

Json parse_json_element(std::string_view text, const std::string& path, uint64_t begin) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& fault) {
    const auto* parse_fault = dynamic_cast<const Json::parse_error*>(&fault);
    const uint64_t at = begin + (parse_fault != nullptr ? parse_fault->byte : 0);
    throw Error(Error::Code::invalid, fmt::format("{} is no sound JSON at byte {}", path, at),
                fmt::format("json@{}", at));
  }
}

std::string json_text(const Json& object, const char* name) {
  const Json* field = find_field(object, name);
  return field != nullptr && field->is_string() ? field->get<std::string>() : std::string();
}

bool json_flag(const Json& object, const char* name) {
  const Json* field = find_field(object, name);
  return field != nullptr && field->is_boolean() && field->get<bool>();
}

const Json& json_object(const Json& object, const char* name) {
  static const Json kNothing = Json::object();
  const Json* field = find_field(object, name);
  return field != nullptr && field->is_object() ? *field : kNothing;
}

const Json& json_list(const Json& object, const char* name) {
  static const Json kNothing = Json::array();
  const Json* field = find_field(object, name);
  return field != nullptr && field->is_array() ? *field : kNothing;
}

UnixTime json_seconds(const Json& object, const char* name) {
  constexpr double kYear9999 = 253402300799.0;
  const Json* field = find_field(object, name);
  if (field == nullptr || !field->is_number()) return 0;
  const double seconds = field->get<double>();
  return seconds > 0 && seconds <= kYear9999 ? static_cast<UnixTime>(seconds * 1000) : 0;
}

}  // namespace loam
