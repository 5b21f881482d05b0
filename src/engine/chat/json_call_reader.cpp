// Calls as JSON: {"name": …, "arguments": {…}}, a list of these, or a name before the arguments.
#include <algorithm>

#include "engine/chat/call_reader.h"
#include "engine/chat/json_calls.h"

namespace loam {
namespace {

using Status = CallReader::Status;

constexpr size_t kMaxHeaderBytes = 256;

constexpr const char* kNoJson = "its JSON is broken";

// What follows a marker: an object or a list of calls, or a header that names the tool and then its arguments.
class JsonCallReader final : public CallReader {
 public:
  JsonCallReader(const CallSyntax& syntax, const ToolSet& tools, OutputWriter* writer)
      : syntax_(syntax), tools_(tools), json_(tools, writer) {}

  Status push(char c) override {
    if (in_json_) return push_json(c);
    if (c == '{' || (c == '[' && header_.find_first_not_of(" \n\t\r") == std::string::npos)) return begin_json(c);
    header_ += c;
    if (!is_space(c) && syntax_.separators.empty()) return fail("no JSON follows the marker");
    return header_.size() <= kMaxHeaderBytes ? Status::more : fail("no arguments follow the marker");
  }
  bool streaming() const override { return json_.streaming(); }
  size_t n_streamed() const override { return json_.n_streamed(); }

 private:
  Status begin_json(char c) {
    in_json_ = true;
    if (header_.find_first_not_of(" \n\t\r") != std::string::npos) {
      tool_ = tool_in_header();
      if (!tool_) return fail("it names no declared tool");
      json_.set_tool(tool_);
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
    JsonCalls found(tools_, false);
    if (tool_) {
      found.calls.push_back({tool_->name, json_.text()});
    } else if (!found.read(json_.text())) {
      return fail(found.reason.empty() ? "its JSON is no call" : found.reason);
    }
    calls_ = json_.not_streamed(std::move(found.calls));
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
  BareCallReader(const ToolSet& tools, OutputWriter* writer) : tools_(tools), json_(tools, writer) {}

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
  bool streaming() const override { return json_.streaming(); }
  size_t n_streamed() const override { return json_.n_streamed(); }

 private:
  bool first_key_is_a_calls() const {
    const std::string_view text = json_.text();
    const size_t begin = text.find('"') + 1;
    return may_begin_call(text.substr(begin, text.rfind('"') - begin));
  }

  Status read() {
    if (!looks_like_call_) return Status::failed;
    if (!is_json(json_.text())) return fail(kNoJson);
    JsonCalls found(tools_, true);
    if (!found.read(json_.text())) return fail(found.reason);
    calls_ = json_.not_streamed(std::move(found.calls));
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
    if (c == '}' && !calls_.empty() && fence_.empty()) return Status::more;  // of {{"name": …}}
    if (c == '`' && !calls_.empty()) return (fence_ += c).size() == 3 ? Status::complete : Status::more;
    if ((c != '{' && c != '[') || !fence_.empty()) return fail(calls_.empty() ? "" : "more than calls is in the block");
    inner_ = make_bare_call_reader(tools_, nullptr);
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

std::unique_ptr<CallReader> make_json_call_reader(const CallSyntax& syntax, const ToolSet& tools,
                                                  OutputWriter* writer) {
  return std::make_unique<JsonCallReader>(syntax, tools, writer);
}

std::unique_ptr<CallReader> make_bare_call_reader(const ToolSet& tools, OutputWriter* writer) {
  return std::make_unique<BareCallReader>(tools, writer);
}

std::unique_ptr<CallReader> make_fenced_call_reader(const ToolSet& tools) {
  return std::make_unique<FencedCallReader>(tools);
}

std::unique_ptr<CallReader> make_call_reader(const CallSyntax& syntax, const ToolSet& tools, std::string_view marker,
                                             OutputWriter* writer) {
  if (syntax.body == CallBody::tagged) return make_tagged_call_reader(syntax, tools, marker);
  if (syntax.body == CallBody::python) return make_python_call_reader(syntax, tools, writer);
  return make_json_call_reader(syntax, tools, writer);
}

}  // namespace loam
