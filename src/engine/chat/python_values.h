// Python's literals, which some models write their arguments in, as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loam {

struct PythonCall {
  std::string name;
  std::vector<std::pair<std::string, std::string>> arguments;  // name, JSON text
};

// "{'a': [1, True, None]}" → {"a": [1, true, null]}; nothing where it is no literal.
std::optional<std::string> python_to_json(std::string_view literal);
// "[f(a=1), g()]" or "f(a=1)"; nothing where it is not that.
std::optional<std::vector<PythonCall>> read_python_calls(std::string_view text);

}  // namespace loam
