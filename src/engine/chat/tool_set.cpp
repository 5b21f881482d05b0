#include "engine/chat/tool_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "engine/chat/json_depth.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxToolNameBytes = 64;
constexpr int kMaxSchemaDepth = 64;  // of a schema

[[noreturn]] void refuse_tool(const std::string& message, const std::string& where) {
  throw Error(Error::Code::invalid, message, where);
}

unsigned type_named(std::string_view name) {
  if (name == "string") return kJsonString;
  if (name == "number") return kJsonNumber | kJsonInteger;
  if (name == "integer") return kJsonInteger;
  if (name == "boolean") return kJsonBoolean;
  if (name == "null") return kJsonNull;
  if (name == "object") return kJsonObject;
  if (name == "array") return kJsonArray;
  return kJsonAny;
}

unsigned type_of(const Json& value) {
  if (value.is_number_integer()) return kJsonInteger;
  return type_named(value.is_number() ? "number" : value.type_name());
}

// What a schema says of the type, one level deep; anything where it says nothing, or says it by reference.
unsigned types_of(const Json& schema) {
  if (!schema.is_object()) return kJsonAny;
  unsigned types = 0;
  const auto add_all = [&](const char* key, unsigned (*type)(const Json&)) {
    const auto list = schema.find(key);
    if (list == schema.end() || !list->is_array()) return;
    for (const Json& item : *list) types |= type(item);
  };
  if (const auto type = schema.find("type"); type != schema.end() && type->is_string())
    types |= type_named(type->get_ref<const std::string&>());
  add_all("type", [](const Json& name) { return name.is_string() ? type_named(name.get<std::string>()) : kJsonAny; });
  add_all("anyOf", [](const Json& item) { return types_of(item); });
  add_all("oneOf", [](const Json& item) { return types_of(item); });
  if (types == 0) add_all("enum", type_of);
  if (types == 0 && schema.contains("const")) types = type_of(schema["const"]);
  if (types != 0 && schema.contains("nullable") && schema["nullable"] == true) types |= kJsonNull;
  return types == 0 ? kJsonAny : types;
}

bool is_name(std::string_view name) {
  const auto allowed = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '.';
  };
  return !name.empty() && name.size() <= kMaxToolNameBytes && std::ranges::all_of(name, allowed);
}

std::string read_name(const Json& function, const std::string& where) {
  const auto name = function.find("name");
  if (name == function.end() || !name->is_string() || !is_name(name->get_ref<const std::string&>()))
    refuse_tool("a tool's name has 1 to 64 of the characters A-Z a-z 0-9 _ - .", where + ".name");
  return name->get<std::string>();
}

void read_parameters(Tool& tool, const Json& function, const std::string& where) {
  const auto parameters = function.find("parameters");
  if (parameters == function.end() || parameters->is_null()) {
    tool.parameters = R"({"type": "object", "properties": {}})";
    return;
  }
  if (is_deeper(*parameters, kMaxSchemaDepth))
    refuse_tool(fmt::format("the schema nests deeper than {}", kMaxSchemaDepth), where + ".parameters");
  if (!parameters->is_object() || !(types_of(*parameters) & kJsonObject))
    refuse_tool("the parameters of a tool are the JSON schema of an object", where + ".parameters");
  tool.parameters = parameters->dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto properties = parameters->find("properties");
  if (properties == parameters->end() || !properties->is_object()) return;
  for (const auto& [name, schema] : properties->items()) tool.types[name] = types_of(schema);
}

Tool read_tool(const Json& item, const std::string& place) {
  const auto function = item.is_object() ? item.find("function") : item.end();
  if (!item.is_object() || function == item.end() || !function->is_object())
    refuse_tool(R"(a tool is {"type": "function", "function": {"name": …, "parameters": …}})", place);
  const std::string where = place + ".function";
  Tool tool;
  tool.name = read_name(*function, where);
  if (const auto text = function->find("description"); text != function->end() && text->is_string())
    tool.description = text->get<std::string>();
  if (const auto strict = function->find("strict"); strict != function->end()) tool.strict = *strict == true;
  read_parameters(tool, *function, where);
  return tool;
}

}  // namespace

ToolSet::ToolSet(const Json& tools) {
  if (!tools.is_array()) refuse_tool("tools is an array", "tools");
  for (const Json& item : tools) {
    const std::string place = fmt::format("tools[{}]", tools_.size());
    Tool tool = read_tool(item, place);
    if (find(tool.name)) refuse_tool(fmt::format("two tools have the name {}", tool.name), place + ".function.name");
    tools_.push_back(std::move(tool));
  }
}

const Tool* ToolSet::find(std::string_view name) const {
  const auto found = std::ranges::find(tools_, name, &Tool::name);
  return found == tools_.end() ? nullptr : &*found;
}

}  // namespace loam
