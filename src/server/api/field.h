// The members of a JSON object as a table: it checks them, reads them into a struct, and describes them.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "server/api/schema.h"

namespace loam {

template <class T>
struct Field {
  std::string_view name;
  std::string_view description;
  Json schema;
  std::function<void(const Json&, T&)> read;  // of a value that fits the schema
  bool required = false;
};

template <class T>
using Fields = std::vector<Field<T>>;

// Reads the members of `object` that the table knows; others are ignored, and null is as good as absent. Error(invalid)
// naming the member, behind `prefix`: one that is required and absent, of another type, or out of range.
template <class T>
void read_fields(const Json& object, const Fields<T>& table, T& into, const std::string& prefix = "") {
  for (const Field<T>& field : table) {
    const auto found = object.find(field.name);
    const std::string name = prefix + std::string(field.name);
    if (found != object.end() && !found->is_null()) {
      check_value(*found, field.schema, name);
      field.read(*found, into);
    } else if (field.required) {
      throw Error(Error::Code::invalid, fmt::format("{} is missing", name), name);
    }
  }
}

// The table as the schema of a JSON object, for the OpenAPI document.
template <class T>
Json object_schema(const Fields<T>& table) {
  Json properties = Json::object(), required = Json::array();
  for (const Field<T>& field : table) {
    Json property = field.schema;
    property["description"] = field.description;
    properties[std::string(field.name)] = std::move(property);
    if (field.required) required.push_back(field.name);
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace loam
