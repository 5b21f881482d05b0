#include "engine/chat/json_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace loam {
namespace {

constexpr std::array<std::string_view, 3> kNameKeys = {"name", "tool_name", "function_name"};
constexpr std::array<std::string_view, 4> kArgumentsKeys = {"arguments", "parameters", "args", "input"};
constexpr std::array<std::string_view, 5> kOtherKeys = {"type", "id", "function", "tool_calls", "tool_call_id"};
constexpr int kMaxCallDepth = 2;  // {"tool_calls": [{"type": "function", "function": {"name": …}}]}

bool holds(const auto& keys, std::string_view key) { return std::ranges::find(keys, key) != keys.end(); }

// The arguments as an object's text: as it is, or as a string that holds it.
std::optional<std::string> arguments_of(std::string_view value) {
  if (value.starts_with('{')) return std::string(value);
  if (value == "null" || value == R"("")") return "{}";
  if (!value.starts_with('"')) return std::nullopt;
  std::string text = json_unquoted(value);
  if (!text.starts_with('{') || !is_json(text)) return std::nullopt;
  return text;
}

}  // namespace

bool may_begin_call(std::string_view key) {
  return holds(kNameKeys, key) || holds(kArgumentsKeys, key) || holds(kOtherKeys, key);
}

bool JsonCalls::read(std::string_view json, int depth) {
  if (!json.starts_with('[')) return read_object(json, depth);
  const auto elements = json_elements(json);
  return !elements.empty() && std::ranges::all_of(elements, [&](std::string_view element) {
    return element.starts_with('{') && read_object(element, depth);
  });
}

bool JsonCalls::read_object(std::string_view object, int depth) {
  std::optional<std::string> name;
  std::string_view arguments;
  for (const auto& [key, value] : json_members(object)) {
    const bool nested = key == "function" || key == "tool_calls";
    if (nested && (value.starts_with('{') || value.starts_with('[')))
      return depth < kMaxCallDepth && read(value, depth + 1);
    if ((holds(kNameKeys, key) || key == "function") && value.starts_with('"')) name = json_unquoted(value);
    if (holds(kArgumentsKeys, key)) arguments = value;
  }
  if (!name || (arguments.empty() && arguments_needed_)) return false;
  return add(*name, arguments.empty() ? "{}" : arguments);
}

bool JsonCalls::add(const std::string& name, std::string_view arguments) {
  auto text = arguments_of(arguments);
  if (!tools_.find(name)) {
    reason = fmt::format("there is no tool \"{}\"", name);
  } else if (!text) {
    reason = fmt::format("the arguments for \"{}\" are no JSON object", name);
  } else {
    calls.push_back({name, std::move(*text)});
  }
  return reason.empty();
}

void JsonText::set_tool(const Tool* tool) {
  tool_ = tool;
  is_arguments_ = true;
}

JsonScanner::Status JsonText::push(char c) {
  if (c == '{' && text_ == "{" && !std::exchange(doubled_, true)) return JsonScanner::Status::more;
  const size_t begin = text_.size();
  const bool in_string = scanner_.in_string();
  if (in_string && static_cast<unsigned char>(c) < 0x20) {
    text_ += fmt::format("\\u{:04x}", static_cast<int>(c));
  } else {
    text_ += c;
  }
  if (writer_ && !streaming() && c == '{' && !in_string && begins_arguments()) begin_call();
  const auto status = scanner_.push(c);
  if (streaming()) {
    go_on(std::string_view(text_).substr(begin));
  } else if (!in_string && scanner_.in_string()) {
    string_begin_ = begin;
  } else if (in_string && !scanner_.in_string()) {
    end_string();
  }
  return status;
}

std::vector<ParsedCall> JsonText::not_streamed(std::vector<ParsedCall> calls) const {
  calls.erase(calls.begin(), calls.begin() + static_cast<int64_t>(std::min(n_streamed_, calls.size())));
  return calls;
}

bool JsonText::begins_arguments() const {
  return tool_ && (is_arguments_ ? scanner_.depth() == 0 : holds(kArgumentsKeys, key_)) && writer_->may_call();
}

void JsonText::begin_call() {
  writer_->boundary();
  call_ = writer_->begin_call(tool_->name);
  depth_ = scanner_.depth();
  ++n_streamed_;
}

void JsonText::go_on(std::string_view text) {
  writer_->arguments(call_, text);
  if (scanner_.depth() > depth_) return;
  writer_->end_call();
  call_ = -1;
  tool_ = nullptr;
}

// A key, or the name of a tool.
void JsonText::end_string() {
  const std::string_view string = std::string_view(text_).substr(string_begin_);
  if (!writer_ || !is_json(string)) return;
  if (scanner_.after_key()) {
    key_ = json_unquoted(string);
  } else if (holds(kNameKeys, key_)) {
    tool_ = tools_.find(json_unquoted(string));
  }
}

}  // namespace loam
