// The tools that a request declares: their names, and what each of their parameters may be.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

enum class ToolChoice { automatic, none, required, named };

// JSON's types, as bits: a parameter may have several.
enum JsonType : unsigned {
  kJsonString = 1,
  kJsonNumber = 2,
  kJsonInteger = 4,
  kJsonBoolean = 8,
  kJsonNull = 16,
  kJsonObject = 32,
  kJsonArray = 64,
  kJsonAny = 127,
};

struct Tool {
  std::string name;
  std::string description;
  std::string parameters;                 // JSON schema of the arguments, as JSON text; an object's
  std::map<std::string, unsigned> types;  // parameter → the JsonTypes that it may have
  bool strict = false;                    // its calls are held to the schema
};

class ToolSet {
 public:
  // `tools`: [{"type": "function", "function": {"name", "description"?, "parameters"?, "strict"?}}, …].
  // Error(invalid) with the place ("tools[2].function.name") where one is no function, has no name of 1 to 64 of
  // A-Z a-z 0-9 _ - . or another's, or its parameters are no object's schema.
  explicit ToolSet(const nlohmann::ordered_json& tools);

  const Tool* find(std::string_view name) const;  // none: nullptr
  const std::vector<Tool>& list() const { return tools_; }
  bool empty() const { return tools_.empty(); }

 private:
  std::vector<Tool> tools_;
};

}  // namespace loam
