// Calls as Python: [get_weather(city="Seoul", days=2), …].
#include <fmt/format.h>

#include "engine/chat/call_reader.h"
#include "engine/chat/json_scanner.h"
#include "engine/chat/python_values.h"

namespace loam {
namespace {

// Collects a list in brackets, then reads it. Models that were asked for JSON write a JSON list in the same place.
class PythonCallReader final : public CallReader {
 public:
  PythonCallReader(const CallSyntax& syntax, const ToolSet& tools, OutputWriter* writer)
      : tools_(tools), json_(make_json_call_reader(syntax, tools, writer)) {}

  Status push(char c) override {
    if (as_json_) return push_json(c);
    if (text_.empty()) {
      if (std::string_view(" \n\t\r").find(c) != std::string_view::npos) return Status::more;
      if (c != '[') return fail("no list follows the marker");
    }
    text_ += c;
    if (text_ == "[{") return begin_json();
    if (quote_ != 0) {
      in_string(c);
      return Status::more;
    }
    if (c == '"' || c == '\'') quote_ = c;
    if (c == '[' || c == '(' || c == '{') ++depth_;
    if (c == ']' || c == ')' || c == '}') --depth_;
    return depth_ == 0 ? read() : Status::more;
  }
  size_t n_streamed() const override { return json_->n_streamed(); }
  bool streaming() const override { return json_->streaming(); }

 private:
  void in_string(char c) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == quote_) {
      quote_ = 0;
    }
  }

  Status begin_json() {
    as_json_ = true;
    push_json('[');
    return push_json('{');
  }

  Status push_json(char c) {
    const Status status = json_->push(c);
    if (status == Status::failed) return fail(json_->reason());
    if (status == Status::complete) calls_ = json_->calls();
    return status;
  }

  Status read() {
    const auto calls = read_python_calls(text_);
    if (!calls) return fail("it is no list of Python calls");
    for (const PythonCall& call : *calls) {
      if (!tools_.find(call.name)) return fail(fmt::format("there is no tool \"{}\"", call.name));
      std::string arguments;
      for (const auto& [name, json] : call.arguments)
        arguments += (arguments.empty() ? "" : ", ") + json_quoted(name) + ": " + json;
      calls_.push_back({call.name, "{" + arguments + "}"});
    }
    return Status::complete;
  }

  const ToolSet& tools_;
  std::unique_ptr<CallReader> json_;
  std::string text_;
  char quote_ = 0;
  bool escaped_ = false, as_json_ = false;
  int depth_ = 0;
};

}  // namespace

std::unique_ptr<CallReader> make_python_call_reader(const CallSyntax& syntax, const ToolSet& tools,
                                                    OutputWriter* writer) {
  return std::make_unique<PythonCallReader>(syntax, tools, writer);
}

}  // namespace loam
