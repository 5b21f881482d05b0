// What a member of a request may be: a fragment of JSON Schema that both checks values and stands in the OpenAPI
// document.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace loam {

using Json = nlohmann::ordered_json;

namespace schema {

Json any();
Json boolean();
Json number(double min, double max);
Json integer(int64_t min, int64_t max);
Json string(size_t max_bytes = 0);  // 0: as long as the body may be
Json one_of(std::initializer_list<const char*> words);
Json array(Json items, size_t max_items, size_t min_items = 0);
Json object();
Json either(std::initializer_list<Json> kinds);

}  // namespace schema

// Error(invalid) with `name` as its place and both the value and what was expected: "temperature is -1; expected a
// number from 0 to 2". Knows what the functions above write.
void check_value(const Json& value, const Json& schema, const std::string& name);

// The member of that name, checked so. Error(invalid) as above, or where it is missing, at "where.name".
const Json& member(const Json& object, const char* name, const Json& schema, const std::string& where);

// Whole numbers that arrive as 16 or 16.0. The value was checked.
int64_t to_integer(const Json& value);

// The value as it may stand in a message: shortened, control characters escaped.
std::string shown(const Json& value);

}  // namespace loam
