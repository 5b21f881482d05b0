// Fields of JSON that somebody else wrote: what is missing, or of another type than expected, is empty.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "memory/turn.h"

namespace loam {

// Error(invalid) naming the file and the offset, which `begin` is added to.
nlohmann::json parse_json_element(std::string_view text, const std::string& path, uint64_t begin);

std::string json_text(const nlohmann::json& object, const char* name);
bool json_flag(const nlohmann::json& object, const char* name);
const nlohmann::json& json_object(const nlohmann::json& object, const char* name);
const nlohmann::json& json_list(const nlohmann::json& object, const char* name);
// A number of seconds since 1970; 0 where it is none, or not between 1970 and the year 9999.
UnixTime json_seconds(const nlohmann::json& object, const char* name);

}  // namespace loam
