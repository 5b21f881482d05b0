// Reads what may be tool calls, byte by byte, from behind the marker that announced them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat/chat_format.h"
#include "engine/chat/json_scanner.h"
#include "engine/chat/tool_set.h"

namespace loam {

struct ParsedCall {
  std::string name, arguments;  // arguments: a JSON object's text
};

class CallReader {
 public:
  enum class Status { more, complete, failed };

  virtual ~CallReader() = default;
  virtual Status push(char c) = 0;
  // No more text comes: `complete` where what was read stands for itself.
  virtual Status finish() { return fail("the text ends within a call"); }

  // Those that did not go to the writer as they came.
  const std::vector<ParsedCall>& calls() const { return calls_; }
  virtual size_t n_streamed() const { return 0; }
  virtual bool streaming() const { return false; }  // what is pushed goes to the writer
  // Why it failed; empty where what was read is no call at all, rather than a wrong one.
  const std::string& reason() const { return reason_; }
  // Where it failed inside JSON that is no call: what follows that JSON until its end.
  virtual const JsonScanner* other_json() const { return nullptr; }

 protected:
  Status fail(std::string reason) {
    reason_ = std::move(reason);
    return Status::failed;
  }

  std::vector<ParsedCall> calls_;
  std::string reason_;
};

class OutputWriter;

// For what follows `marker`, one of the format's. All must outlive it. Arguments in JSON go to `writer` as they come
// where there is one.
std::unique_ptr<CallReader> make_call_reader(const CallSyntax& syntax, const ToolSet& tools, std::string_view marker,
                                             OutputWriter* writer);
// For JSON whose first byte, '{' or '[', is pushed next: it must look like a call from its first key on.
std::unique_ptr<CallReader> make_bare_call_reader(const ToolSet& tools, OutputWriter* writer);
// For what follows "```" at the beginning of a line.
std::unique_ptr<CallReader> make_fenced_call_reader(const ToolSet& tools);

// ---- one file each ----
std::unique_ptr<CallReader> make_json_call_reader(const CallSyntax& syntax, const ToolSet& tools, OutputWriter* writer);
std::unique_ptr<CallReader> make_tagged_call_reader(const CallSyntax& syntax, const ToolSet& tools,
                                                    std::string_view marker);
std::unique_ptr<CallReader> make_python_call_reader(const CallSyntax& syntax, const ToolSet& tools,
                                                    OutputWriter* writer);

}  // namespace loam
