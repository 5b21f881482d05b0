// A model file whose answers come from a script: `loam serve scripted:FILE`.
#pragma once

#include <string>

namespace loam {

// The script is JSON: {"replies": [{"match": "weather", "reply": "It is sunny."}, …], "delay_ms": 0}. A message of the
// user's is answered with the first reply whose `match` it holds, "" being in every message; a text that is no chat
// goes on with the reply behind its `match`. A reply is what the model writes, as it is: "<think>…</think>" and
// "<tool_call>…</tool_call>" are read as a model's. `delay_ms` passes in every step.
class ScriptedFile {
 public:
  // Error(not_found), Error(invalid) with the place in the script.
  explicit ScriptedFile(const std::string& script_file);
  ~ScriptedFile();  // removes it; a model that was loaded from it goes on
  ScriptedFile(const ScriptedFile&) = delete;
  ScriptedFile& operator=(const ScriptedFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// "scripted:FILE" → FILE; "" for anything else.
std::string script_of(const std::string& model);

}  // namespace loam
