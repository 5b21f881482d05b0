#include "server/routes/openai_tools.h"

#include <nlohmann/json.hpp>

namespace loam {
namespace {

using namespace schema;
using R = GenerationRequest;

// "auto", "none", "required", {"type": "function", "function": {"name"}}, or as /v1/responses has it {"type":
// "function", "name"}.
void read_tool_choice(const Json& value, GenerationRequest& request) {
  ChatOptions& chat = request.chat;
  if (value.is_string()) {
    chat.tool_choice = value == "none"       ? ToolChoice::none
                       : value == "required" ? ToolChoice::required
                                             : ToolChoice::automatic;
    return;
  }
  const Json* named = &value;
  if (const auto function = value.find("function"); function != value.end()) named = &*function;
  const auto name = named->is_object() ? named->find("name") : named->end();
  if (!named->is_object() || name == named->end() || !name->is_string())
    throw Error(Error::Code::invalid,
                "tool_choice names no function; expected {\"type\": \"function\", \"function\": "
                "{\"name\": …}}",
                "tool_choice");
  chat.tool_choice = ToolChoice::named;
  chat.tool_name = *name;
}

Parameters make_choice() {
  return {
      {"tool_choice", "auto, none, required, or the one function to call",
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
