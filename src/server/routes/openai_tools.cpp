#include "server/routes/openai_tools.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

namespace loam {
namespace {

using namespace schema;
using R = GenerationRequest;

// The name of {"type": "function", "function": {"name"}} or, as /v1/responses has it, {"type": "function", "name"};
// null where there is none.
const std::string* function_name(const Json& value) {
  const Json* function = &value;
  if (value.is_object() && value.contains("function")) function = &value["function"];
  if (!function->is_object()) return nullptr;
  const auto name = function->find("name");
  return name == function->end() ? nullptr : name->get_ptr<const std::string*>();
}

const std::string& named_function(const Json& value) {
  if (const std::string* name = function_name(value)) return *name;
  throw Error(Error::Code::invalid,
              "tool_choice names no function; expected {\"type\": \"function\", \"function\": {\"name\": …}}",
              "tool_choice");
}

// {"type": "allowed_tools", "allowed_tools": {"mode", "tools"}}, or in /v1/responses mode and tools beside the type: of
// the tools declared, which were read before, only those are left.
void read_allowed_tools(const Json& value, GenerationRequest& request) {
  const std::string where = "tool_choice";
  const Json& allowed = value.contains("allowed_tools") ? member(value, "allowed_tools", object(), where) : value;
  const Json& mode = member(allowed, "mode", one_of({"auto", "required"}), where);
  const Json declared = request.conversation.value("tools", Json::array());
  Json kept = Json::array();
  for (const Json& tool : member(allowed, "tools", array(object(), kMaxTools, 1), where)) {
    const std::string& name = named_function(tool);
    const auto is_it = [&](const Json& other) { return function_name(other) && *function_name(other) == name; };
    const auto found = std::ranges::find_if(declared, is_it);
    if (found == declared.end())
      throw Error(Error::Code::invalid, "tool_choice allows a tool that is not declared: " + name, where);
    kept.push_back(*found);
  }
  request.conversation["tools"] = std::move(kept);
  request.chat.tool_choice = mode == "required" ? ToolChoice::required : ToolChoice::automatic;
}

// "auto", "none", "required", one function, or those allowed.
void read_tool_choice(const Json& value, GenerationRequest& request) {
  ChatOptions& chat = request.chat;
  if (value.is_string()) {
    chat.tool_choice = value == "none"       ? ToolChoice::none
                       : value == "required" ? ToolChoice::required
                                             : ToolChoice::automatic;
  } else if (value.value("type", Json()) == "allowed_tools") {
    read_allowed_tools(value, request);
  } else {
    chat.tool_name = named_function(value);
    chat.tool_choice = ToolChoice::named;
  }
}

Parameters make_choice() {
  return {
      {"tool_choice", "auto, none, required, the one function to call, or those allowed",
       either({one_of({"auto", "none", "required"}), object()}), read_tool_choice},
      {"parallel_tool_calls", "whether one answer may call several functions", boolean(),
       [](const Json& v, R& r) { r.chat.parallel_tool_calls = v; }},
  };
}

Parameters make_tools() {
  return {{"tools", "functions that the model may call", array(object(), kMaxTools), [](const Json& v, R& r) {
             if (!v.empty()) r.conversation["tools"] = v;
           }}};
}

}  // namespace

const Parameters& tools_parameters() {
  static const Parameters table = make_tools();
  return table;
}

const Parameters& tool_choice_parameters() {
  static const Parameters table = make_choice();
  return table;
}

}  // namespace loam
