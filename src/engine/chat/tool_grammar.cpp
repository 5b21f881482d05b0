#include "engine/chat/tool_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loam {
namespace {

using Json = nlohmann::ordered_json;
using Expression = GrammarExpression;

constexpr int64_t kMostCalls = 32;

// The keys of a call in JSON, as it may be laid out.
constexpr const char* kNameKey = R"re("(name|tool_name|function_name|function)"[ \t\r\n]*:[ \t\r\n]*)re";
constexpr const char* kArgumentsKey = R"re([ \n]{0,8},[ \n]{0,8}"(arguments|parameters|args|input)": ?)re";

// A regular expression that matches the text and nothing else.
std::string as_pattern(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (std::string_view("^$\\.*+?()[]{}|/").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

// The calls that a grammar asks for are JSON where the format knows Python too: their schemas hold.
CallText text_of(const ChatFormat& format) {
  CallText text = format.calls.text;
  if (format.calls.body == CallBody::harmony) text.call_end = "";  // an end token
  if (format.calls.body != CallBody::python) return text;
  text.call_begin = "{\"name\": \"";
  text.arguments = "\", \"arguments\": ";
  text.call_end = "}";
  return text;
}

// What a tool does not declare it is not given, unless its schema says so.
Json schema_of(const Tool& tool) {
  Json schema = Json::parse(tool.parameters);
  if (!schema.contains("type")) schema["type"] = "object";
  const auto says = [&](const char* key) { return schema.contains(key); };
  const bool closed = says("properties") && !says("additionalProperties") && !says("patternProperties") &&
                      !says("$ref") && !says("allOf") && !says("anyOf") && !says("oneOf");
  if (closed) schema["additionalProperties"] = false;
  return schema;
}

bool is_required(const Json& schema, const std::string& name) {
  const auto required = schema.find("required");
  return required != schema.end() && required->is_array() &&
         std::ranges::find(*required, Json(name)) != required->end();
}

std::vector<std::string> texts_of(const Json& schema) {
  std::vector<std::string> texts;
  const auto values = schema.find("enum");
  if (values == schema.end() || !values->is_array()) return texts;
  for (const Json& value : *values)
    if (value.is_string()) texts.push_back(value.get<std::string>());
  return texts;
}

}  // namespace

bool ToolGrammar::is_loose(const Tool& tool) const { return std::ranges::find(loose_, tool.name) != loose_.end(); }

// Markers that are control tokens as these, "#" as a number, all else as it is spelled.
Expression ToolGrammar::marked(std::string_view text) const {
  std::vector<Expression> parts;
  while (!text.empty()) {
    size_t begin = text.find('#');
    std::string_view found = begin == std::string_view::npos ? std::string_view() : "#";
    for (const auto* markers : {&format_.calls.begins, &format_.calls.ends, &format_.calls.separators}) {
      for (const std::string& marker : *markers) {
        const size_t at = text.find(marker);
        if (at == std::string_view::npos || at > begin || (at == begin && marker.size() < found.size())) continue;
        begin = at;
        found = marker;
      }
    }
    if (begin == std::string_view::npos) begin = text.size();
    if (begin > 0) parts.push_back(Expression::literal(text.substr(0, begin)));
    if (!found.empty()) {
      parts.push_back(found == "#" ? Expression::regex("[0-9]{1,3}") : Expression::special(found, tokenizer_));
    }
    text.remove_prefix(begin + found.size());
  }
  return Expression::sequence(std::move(parts));
}

// Any text and then `end`, a marker with line breaks around it.
Expression ToolGrammar::text_up_to(const std::string& end) const {
  const size_t begin = end.find_first_not_of('\n');
  return Expression::sequence(
      {Expression::text_without({end.substr(begin, end.find_last_not_of('\n') + 1 - begin)}), marked(end)});
}

Expression ToolGrammar::arguments(const Tool& tool) { return Expression::json_schema(schema_of(tool)); }

// Each property in the schema's order. Texts stand as they are, other values as JSON.
Expression ToolGrammar::tagged_arguments(const Tool& tool, const CallText& text) const {
  const Json schema = schema_of(tool);
  std::vector<Expression> parts;
  const auto properties = schema.find("properties");
  if (properties == schema.end() || !properties->is_object()) return Expression::literal("");
  for (const auto& [name, property] : properties->items()) {
    const unsigned types = tool.types.at(name);
    const auto choices = texts_of(property);
    Expression value = text_up_to(text.value_end);
    if (types == kJsonString && !choices.empty())
      value = Expression::sequence({Expression::choices(choices), marked(text.value_end)});
    if (!(types & kJsonString) && !is_loose(tool)) {
      Json part = property;
      for (const char* definitions : {"$defs", "definitions"})
        if (schema.contains(definitions)) part[definitions] = schema[definitions];
      value = Expression::sequence({Expression::json_schema(part), marked(text.value_end)});
    }
    Expression argument = Expression::sequence(
        {marked(text.key_begin), Expression::literal(name), marked(text.value_begin), std::move(value)});
    parts.push_back(is_required(schema, name) ? std::move(argument) : Expression::optional(std::move(argument)));
  }
  return Expression::sequence(std::move(parts));
}

Expression ToolGrammar::json_arguments(const Tool& tool) const {
  return is_loose(tool) ? Expression::json_object() : arguments(tool);
}

Expression ToolGrammar::call(const Tool& tool, const CallText& text) const {
  const bool tagged = format_.calls.body == CallBody::tagged;
  const Expression given = tagged ? tagged_arguments(tool, text) : json_arguments(tool);
  return Expression::sequence(
      {marked(text.call_begin), Expression::literal(tool.name), marked(text.arguments), given, marked(text.call_end)});
}

Expression ToolGrammar::bare_call(const Tool& tool) const {
  return Expression::sequence({Expression::regex(R"(\{[ \n]{0,8}"name": ?")"), Expression::literal(tool.name),
                               Expression::regex(R"(",[ \n]{0,8}"arguments": ?)"), json_arguments(tool),
                               Expression::regex(R"([ \n]{0,8}\})")});
}

Expression ToolGrammar::calls(const CallText& text, const std::string& only) const {
  std::vector<Expression> choices;
  for (const Tool& tool : tools_.list())
    if (only.empty() || tool.name == only) choices.push_back(call(tool, text));
  const Expression one = Expression::choice(std::move(choices));
  const int64_t more = parallel_ && !text.single ? kMostCalls - 1 : 0;
  return Expression::sequence({marked(text.list_begin), one,
                               Expression::repeat(Expression::sequence({marked(text.separator), one}), 0, more),
                               marked(text.list_end)});
}

Expression ToolGrammar::required(const std::string& only) const {
  const Expression wanted = calls(text_of(format_), only);
  if (format_.calls.body == CallBody::harmony) return wanted;
  return Expression::sequence({Expression::regex("\\n{0,2}"), wanted});
}

Expression ToolGrammar::required_or_bare() const {
  std::vector<Expression> choices = {required()};
  if (format_.calls.body == CallBody::harmony) return choices[0];
  for (const Tool& tool : tools_.list()) choices.push_back(bare_call(tool));
  return Expression::choice(std::move(choices));
}

// A call without a marker, from the key that names its tool: wherever it stands, so that what is a call only when it
// begins a line is held too. What stands before in the object is free: arguments that come first are given again.
Expression ToolGrammar::named_call() const {
  std::vector<Expression> choices;
  for (const Tool& tool : tools_.list())
    choices.push_back(Expression::sequence({Expression::regex(kNameKey), Expression::literal("\"" + tool.name + "\""),
                                            Expression::regex(kArgumentsKey), json_arguments(tool),
                                            Expression::regex(R"([ \n]{0,8}\})")}));
  return Expression::choice(std::move(choices));
}

Expression ToolGrammar::text_without_calls() const {
  std::string names, pattern;
  for (const Tool& tool : tools_.list()) names += (names.empty() ? "" : "|") + as_pattern(tool.name);
  for (const std::string& marker : format_.calls.begins) pattern += as_pattern(marker) + "|";
  return Expression::text_without_match(fmt::format("{}{}\"({})\"", pattern, kNameKey, names));
}

Expression ToolGrammar::optional() const {
  if (format_.calls.body == CallBody::harmony)
    return Expression::choice(
        {required(), Expression::sequence({marked(kHarmonyAnswer), Expression::text_without({})})});
  CallText text = text_of(format_);
  const auto& begins = format_.calls.begins;
  std::string& first = text.list_begin.empty() ? text.call_begin : text.list_begin;
  const auto trigger =
      std::ranges::find_if(begins, [&](const std::string& marker) { return first.starts_with(marker); });
  // Where each call has the marker itself, or there is none, another one is begun as the first was.
  const bool marks_each = text.list_begin.empty();
  std::vector<Expression> held = {named_call()};
  if (trigger != begins.end()) {
    first.erase(0, trigger->size());
    if (marks_each) text.single = true;
    held.push_back(Expression::sequence({marked(*trigger), calls(text, "")}));
  }
  const Expression free = text_without_calls();
  const Expression begun = Expression::sequence({free, Expression::choice(std::move(held))});
  const Expression turn =
      Expression::sequence({Expression::repeat(begun, 0, parallel_ && marks_each ? Expression::kUnbounded : 1), free});
  const MarkerPair& answer = format_.answer;
  if (answer.begin.empty()) return turn;
  return Expression::sequence({Expression::optional(Expression::special(answer.begin, tokenizer_)), turn,
                               Expression::optional(Expression::special(answer.end, tokenizer_))});
}

}  // namespace loam
