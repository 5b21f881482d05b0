// Calls as JSON: {"name": …, "arguments": {…}}, a list of these, or a name before the arguments.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/chat/call_reader.h"
#include "engine/chat/json_scanner.h"

namespace loam {
namespace {

using Status = CallReader::Status;

// The keys that models use, whatever their template taught them.
constexpr std::array<std::string_view, 3> kNameKeys = {"name", "tool_name", "function_name"};
constexpr std::array<std::string_view, 4> kArgumentsKeys = {"arguments", "parameters", "args", "input"};
constexpr std::array<std::string_view, 5> kOtherKeys = {"type", "id", "function", "tool_calls", "tool_call_id"};
constexpr size_t kMaxHeaderBytes = 256;

bool holds(const auto& keys, std::string_view key) { return std::ranges::find(keys, key) != keys.end(); }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The arguments as an object's text: as it is, or as a string that holds it.
std::optional<std::string> arguments_of(std::string_view value) {
  if (value.starts_with('{')) return std::string(value);
  if (value == "null" || value == R"("")") return "{}";
  if (!value.starts_with('"')) return std::nullopt;
  std::string text = json_unquoted(value);
  if (!text.starts_with('{') || !is_json(text)) return std::nullopt;
  return text;
}

// A JSON value that is valid, and the calls in it.
class CallsInJson {
 public:
  CallsInJson(const ToolSet& tools, bool arguments_needed) : tools_(tools), arguments_needed_(arguments_needed) {}

  // Whether all of it is calls of declared tools; else `reason` says why not, or is empty where it is other JSON.
  bool read(std::string_view json, int depth = 0) {
    if (!json.starts_with('[')) return read_object(json, depth);
    const auto elements = json_elements(json);
    return !elements.empty() && std::ranges::all_of(elements, [&](std::string_view element) {
      return element.starts_with('{') && read_object(element, depth);
    });
  }

  std::vector<ParsedCall> calls;
  std::string reason;

 private:
  static constexpr int kMaxDepth = 2;  // {"tool_calls": [{"type": "function", "function": {"name": …}}]}

  bool read_object(std::string_view object, int depth) {
    std::optional<std::string> name;
    std::string_view arguments;
    for (const auto& [key, value] : json_members(object)) {
      const bool nested = key == "function" || key == "tool_calls";
      if (nested && (value.starts_with('{') || value.starts_with('[')))
        return depth < kMaxDepth && read(value, depth + 1);
      if ((holds(kNameKeys, key) || key == "function") && value.starts_with('"')) name = json_unquoted(value);
      if (holds(kArgumentsKeys, key)) arguments = value;
    }
    if (!name || (arguments.empty() && arguments_needed_)) return false;
    return add(*name, arguments.empty() ? "{}" : arguments);
  }

  bool add(const std::string& name, std::string_view arguments) {
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

  const ToolSet& tools_;
  const bool arguments_needed_;
};

// One JSON value. Control characters within strings are escaped: the result is JSON where the rest is.
class JsonText {
 public:
  JsonScanner::Status push(char c) {
    if (scanner_.in_string() && static_cast<unsigned char>(c) < 0x20) {
      text_ += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      text_ += c;
    }
    return scanner_.push(c);
  }
  const std::string& text() const { return text_; }
  const JsonScanner& scanner() const { return scanner_; }

 private:
  JsonScanner scanner_;
  std::string text_;
};

constexpr const char* kNoJson = "its JSON is broken";

// What follows a marker: an object or a list of calls, or a header that names the tool and then its arguments.
class JsonCallReader final : public CallReader {
 public:
  JsonCallReader(const CallSyntax& syntax, const ToolSet& tools) : syntax_(syntax), tools_(tools) {}

  Status push(char c) override {
    if (in_json_) return push_json(c);
    if (c == '{' || (c == '[' && header_.find_first_not_of(" \n\t\r") == std::string::npos)) return begin_json(c);
    header_ += c;
    if (!is_space(c) && syntax_.separators.empty()) return fail("no JSON follows the marker");
    return header_.size() <= kMaxHeaderBytes ? Status::more : fail("no arguments follow the marker");
  }

 private:
  Status begin_json(char c) {
    in_json_ = true;
    if (header_.find_first_not_of(" \n\t\r") != std::string::npos) {
      tool_ = tool_in_header();
      if (!tool_) return fail("it names no declared tool");
    }
    return push_json(c);
  }

  // The last part of the header, between separators, that is a tool's name: "function<sep>NAME\n```json\n".
  const Tool* tool_in_header() const {
    const Tool* found = nullptr;
    std::string_view rest = header_;
    while (!rest.empty()) {
      size_t end = rest.size(), next = rest.size();
      for (const std::string& separator : syntax_.separators) {
        const size_t at = rest.find(separator);
        if (at < end) end = at, next = at + separator.size();
      }
      if (const Tool* tool = tool_named(rest.substr(0, end))) found = tool;
      rest.remove_prefix(next);
    }
    return found;
  }

  // Space around it and what follows in another line do not count, nor do "functions." and ":0".
  const Tool* tool_named(std::string_view part) const {
    part.remove_prefix(std::min(part.find_first_not_of(" \n\t\r"), part.size()));
    part = part.substr(0, part.find_first_of(" \n\t\r"));
    if (const Tool* tool = tools_.find(part)) return tool;
    constexpr std::string_view kNamespace = "functions.";
    if (part.starts_with(kNamespace)) part.remove_prefix(kNamespace.size());
    return tools_.find(part.substr(0, part.find(':')));
  }

  Status push_json(char c) {
    const auto status = json_.push(c);
    if (status == JsonScanner::Status::more) return Status::more;
    if (status == JsonScanner::Status::invalid || !is_json(json_.text())) return fail(kNoJson);
    if (tool_) {
      calls_.push_back({tool_->name, json_.text()});
      return Status::complete;
    }
    CallsInJson found(tools_, false);
    if (!found.read(json_.text())) return fail(found.reason.empty() ? "its JSON is no call" : found.reason);
    calls_ = std::move(found.calls);
    return Status::complete;
  }

  const CallSyntax& syntax_;
  const ToolSet& tools_;
  std::string header_;
  const Tool* tool_ = nullptr;  // named by the header
  bool in_json_ = false;
  JsonText json_;
};

// JSON without a marker. Its first key decides at once whether it may be a call, so that other JSON is not held back.
class BareCallReader final : public CallReader {
 public:
  explicit BareCallReader(const ToolSet& tools) : tools_(tools) {}

  Status push(char c) override {
    if (json_.text() == "[" && !is_space(c) && c != '{') return Status::failed;
    if (json_.text() == "[" && is_space(c)) return Status::more;
    const auto status = json_.push(c);
    if (status == JsonScanner::Status::complete) return read();
    if (status == JsonScanner::Status::invalid) return fail(looks_like_call_ ? kNoJson : "");
    if (!looks_like_call_ && json_.scanner().after_key()) {
      looks_like_call_ = first_key_is_a_calls();
      in_other_json_ = !looks_like_call_;
    }
    return in_other_json_ ? Status::failed : Status::more;
  }
  Status finish() override { return fail(looks_like_call_ ? "the text ends within a call" : ""); }
  const JsonScanner* other_json() const override { return in_other_json_ ? &json_.scanner() : nullptr; }

 private:
  bool first_key_is_a_calls() const {
    const std::string_view text = json_.text();
    const size_t begin = text.find('"') + 1;
    const std::string_view key = text.substr(begin, text.rfind('"') - begin);
    return holds(kNameKeys, key) || holds(kArgumentsKeys, key) || holds(kOtherKeys, key);
  }

  Status read() {
    if (!looks_like_call_) return Status::failed;
    if (!is_json(json_.text())) return fail(kNoJson);
    CallsInJson found(tools_, true);
    if (!found.read(json_.text())) return fail(found.reason);
    calls_ = std::move(found.calls);
    return Status::complete;
  }

  const ToolSet& tools_;
  JsonText json_;
  bool looks_like_call_ = false, in_other_json_ = false;
};

// A fenced block that holds calls, one after another, and nothing else.
class FencedCallReader final : public CallReader {
 public:
  explicit FencedCallReader(const ToolSet& tools) : tools_(tools) {}

  Status push(char c) override {
    if (in_info_) return push_info(c);
    if (inner_) return push_inner(c);
    if (is_space(c) && fence_.empty()) return Status::more;
    if (c == '`' && !calls_.empty()) return (fence_ += c).size() == 3 ? Status::complete : Status::more;
    if ((c != '{' && c != '[') || !fence_.empty()) return fail(calls_.empty() ? "" : "more than calls is in the block");
    inner_ = make_bare_call_reader(tools_);
    return push_inner(c);
  }
  Status finish() override {
    if (!inner_ && !calls_.empty()) return Status::complete;
    return fail(inner_ && inner_->finish() == Status::failed ? inner_->reason() : "");
  }
  const JsonScanner* other_json() const override { return inner_ ? inner_->other_json() : nullptr; }

 private:
  // Small models name any language: what is in the block decides.
  Status push_info(char c) {
    in_info_ = c != '\n';
    return ++info_bytes_ <= kMaxInfoBytes && c != '`' ? Status::more : Status::failed;
  }

  Status push_inner(char c) {
    const Status status = inner_->push(c);
    if (status == Status::more) return status;
    if (status == Status::failed) return fail(inner_->reason());
    calls_.insert(calls_.end(), inner_->calls().begin(), inner_->calls().end());
    inner_.reset();
    return Status::more;
  }

  const ToolSet& tools_;
  static constexpr size_t kMaxInfoBytes = 32;

  size_t info_bytes_ = 0;
  bool in_info_ = true;
  std::string fence_;
  std::unique_ptr<CallReader> inner_;
};

}  // namespace

std::unique_ptr<CallReader> make_json_call_reader(const CallSyntax& syntax, const ToolSet& tools) {
  return std::make_unique<JsonCallReader>(syntax, tools);
}

std::unique_ptr<CallReader> make_bare_call_reader(const ToolSet& tools) {
  return std::make_unique<BareCallReader>(tools);
}

std::unique_ptr<CallReader> make_fenced_call_reader(const ToolSet& tools) {
  return std::make_unique<FencedCallReader>(tools);
}

std::unique_ptr<CallReader> make_call_reader(const CallSyntax& syntax, const ToolSet& tools, std::string_view marker) {
  if (syntax.body == CallBody::tagged) return make_tagged_call_reader(syntax, tools, marker);
  if (syntax.body == CallBody::python) return make_python_call_reader(syntax, tools);
  return make_json_call_reader(syntax, tools);
}

}  // namespace loam
