// Calls in JSON: {"name": …, "arguments": {…}}, with the keys that models use whatever their template taught them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/chat/call_reader.h"
#include "engine/chat/json_scanner.h"
#include "engine/chat/output_writer.h"
#include "engine/chat/tool_set.h"

namespace loam {

// Whether an object that begins with this key may be a call.
bool may_begin_call(std::string_view key);

// The calls of a JSON value that is valid: an object or a list of objects, as they are or as OpenAI nests them.
class JsonCalls {
 public:
  JsonCalls(const ToolSet& tools, bool arguments_needed) : tools_(tools), arguments_needed_(arguments_needed) {}

  // Whether all of it is calls of declared tools; else `reason` says why not, or is empty where it is other JSON.
  bool read(std::string_view json) { return read(json, 0); }

  std::vector<ParsedCall> calls;
  std::string reason;

 private:
  bool read(std::string_view json, int depth);
  bool read_object(std::string_view object, int depth);
  bool add(const std::string& name, std::string_view arguments);

  const ToolSet& tools_;
  const bool arguments_needed_;
};

// One JSON value that comes byte by byte. Control characters within strings are escaped: the text is JSON where the
// rest is, and so is {{…}, as Qwen 2.5's template shows calls by mistake. With a writer, the arguments of calls that
// name their tool first go there as they come.
class JsonText {
 public:
  JsonText(const ToolSet& tools, OutputWriter* writer) : tools_(tools), writer_(writer) {}

  void set_tool(const Tool* tool);  // the value is this tool's arguments
  JsonScanner::Status push(char c);
  const std::string& text() const { return text_; }
  const JsonScanner& scanner() const { return scanner_; }

  size_t n_streamed() const { return n_streamed_; }
  bool streaming() const { return call_ >= 0; }
  std::vector<ParsedCall> not_streamed(std::vector<ParsedCall> calls) const;

 private:
  bool begins_arguments() const;
  void begin_call();
  void go_on(std::string_view text);
  void end_string();

  const ToolSet& tools_;
  OutputWriter* const writer_;
  JsonScanner scanner_;
  std::string text_, key_;
  size_t string_begin_ = 0, depth_ = 0, n_streamed_ = 0;
  const Tool* tool_ = nullptr;
  bool is_arguments_ = false, doubled_ = false;
  int call_ = -1;  // whose arguments are coming
};

}  // namespace loam
