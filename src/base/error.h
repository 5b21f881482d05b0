// The one exception type for faults that come from outside: files, requests, arguments, the machine.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace loam {

// Outside faults are thrown as Error and caught once per command or request. Programming errors hit LOAM_CHECK.
class Error : public std::exception {
 public:
  enum class Code {
    invalid,         // an argument or request the caller can correct
    model_invalid,   // a model or tokenizer file that breaks its format
    template_error,  // a chat template that does not parse, raises, or exceeds its budget
    grammar_error,   // a grammar, JSON schema or regular expression that is wrong, unsupported or exceeds its budget
    unsupported,     // well-formed, but loam has no code for it
    not_found,       // no such file, model or name
    no_memory,       // does not fit the machine
    io,              // reading, writing or downloading failed
    context_length,  // a prompt that is longer than the context
    loading,         // a model that will be there in a moment
    cancelled,       // the user stopped it
  };

  // `message` says what happened and what to do, with numbers. `where` names the place: "field@offset" for files
  // (bad-inputs.md asks for `model_invalid:<field>@<offset>`), the parameter for arguments, "line 3" for templates.
  Error(Code code, std::string message, std::string where = {});

  Code code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& where() const { return where_; }
  // "model_invalid:version@4: GGUF version 9 is not supported (2 and 3 are)"
  const char* what() const noexcept override { return what_.c_str(); }

  static std::string_view name(Code code);
  // The process's exit status for this kind of fault: 2 invalid and grammar_error, 3 model_invalid, 4 template_error,
  // 130 cancelled, else 1.
  int exit_status() const;

 private:
  Code code_;
  std::string message_, where_, what_;
};

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace loam

// A condition that only a mistake in loam itself can break; prints it and ends the process.
#define LOAM_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::loam::check_failed(#condition, __FILE__, __LINE__))
