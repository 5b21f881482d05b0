// JSON that comes from a model's folder: bounded in size and depth, without duplicate members.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace loam {

// `fault` becomes what is wrong ("is no JSON: …", "has the member \"a\" twice"), and stays empty where nothing is.
nlohmann::json parse_strict_json(std::string_view text, int max_depth, std::string& fault);

// A whole file of at most 64 MiB. Error(model_invalid, "json@0") naming the file where it is no such JSON; else as
// InputFile.
nlohmann::json read_json_file(const std::string& path);

}  // namespace loam
