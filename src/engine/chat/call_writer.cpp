#include "engine/chat/call_writer.h"

#include <nlohmann/json.hpp>

#include "engine/chat/json_scanner.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

struct Words {
  const char *yes, *no, *nothing;
};
constexpr Words kJsonWords = {"true", "false", "null"}, kPythonWords = {"True", "False", "None"};

std::string write_value(const Json& value, const Words& words) {
  if (value.is_boolean()) return value.get<bool>() ? words.yes : words.no;
  if (value.is_null()) return words.nothing;
  if (value.is_string()) return json_quoted(value.get_ref<const std::string&>());
  if (!value.is_structured()) return value.dump();
  std::string items;
  for (const auto& [key, item] : value.items()) {
    if (!items.empty()) items += ", ";
    if (value.is_object()) items += json_quoted(key) + ": ";
    items += write_value(item, words);
  }
  return value.is_object() ? "{" + items + "}" : "[" + items + "]";
}

std::string numbered(std::string text, size_t number) {
  if (const size_t at = text.find('#'); at != std::string::npos) text.replace(at, 1, std::to_string(number));
  return text;
}

std::string write_arguments(const CallSyntax& syntax, const Json& arguments) {
  if (syntax.body == CallBody::json || syntax.body == CallBody::harmony) return write_json(arguments);
  std::string out;
  for (const auto& [key, value] : arguments.items()) {
    const bool bare = syntax.body == CallBody::tagged;
    const std::string text = !bare               ? write_value(value, kPythonWords)
                             : value.is_string() ? value.get<std::string>()
                                                 : write_json(value);
    if (!bare && !out.empty()) out += syntax.text.value_end;
    out += syntax.text.key_begin + key + syntax.text.value_begin + text;
    if (bare) out += syntax.text.value_end;
  }
  return out;
}

}  // namespace

std::string write_json(const Json& value) { return write_value(value, kJsonWords); }

std::string write_calls(const CallSyntax& syntax, const Json& calls) {
  const CallText& text = syntax.text;
  std::string out = text.list_begin;
  for (size_t i = 0; i < calls.size(); ++i) {
    const Json& function = calls[i]["function"];
    if (i > 0) out += text.separator;
    out += numbered(text.call_begin, i) + function["name"].get<std::string>() + numbered(text.arguments, i);
    out += write_arguments(syntax, function["arguments"]) + text.call_end;
  }
  return out + text.list_end;
}

}  // namespace loam
