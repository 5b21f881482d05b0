// What is wrong with a request, as HTTP says it: a status, and a body in the shape that the client's library expects.
#pragma once

#include <exception>
#include <string>

#include "server/http/exchange.h"

namespace loam {

class Error;

// OpenAI: {"error": {"message", "type", "param", "code"}}; Anthropic: {"type": "error", "error": {"type", "message"}};
// Ollama: {"error": "message"}.
enum class ErrorStyle { openai, anthropic, ollama };

// Thrown by whatever handles a request; the router answers with it.
class HttpError : public std::exception {
 public:
  // `code` names the fault for programs ("model_not_found"), `param` the parameter that is wrong; "" where there is
  // none.
  HttpError(int status, std::string message, std::string code = {}, std::string param = {});
  // The status and type of a fault that does not know of HTTP.
  explicit HttpError(const Error& error);

  HttpError& with_header(std::string name, std::string value);
  HttpError& with_type(std::string type);  // unless given, the status's usual one

  int status() const { return status_; }
  const std::string& message() const { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }
  std::string body(ErrorStyle style) const;  // JSON
  HttpAnswer answer(ErrorStyle style) const;

 private:
  int status_;
  std::string message_, type_, code_, param_;
  HttpHeaders headers_;
};

}  // namespace loam
