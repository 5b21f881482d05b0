#include "server/http/http_error.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRetrySeconds = "2";  // for what will be there in a moment

int status_of(Error::Code code) {
  switch (code) {
    case Error::Code::invalid:
    case Error::Code::template_error:
    case Error::Code::grammar_error:
    case Error::Code::context_length:
    case Error::Code::unsupported: return 400;
    case Error::Code::not_found: return 404;
    case Error::Code::model_invalid: return 422;
    case Error::Code::no_memory:
    case Error::Code::loading:
    case Error::Code::cancelled: return 503;  // by the server's end: a client that has left reads no answer
    case Error::Code::io: return 500;
  }
  return 500;
}

std::string type_of(int status) {
  switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 413: return "request_too_large";
    case 429: return "rate_limit_error";
    default: return status < 500 ? "invalid_request_error" : "server_error";
  }
}

// Anthropic's names for the same; https://docs.anthropic.com/en/api/errors
std::string anthropic_type_of(int status) {
  if (status == 503) return "overloaded_error";
  return status < 500 ? type_of(status) : "api_error";
}

// Whether the fault's place is a part of the request, and not of this machine.
bool names_parameter(const Error& error) {
  switch (error.code()) {
    case Error::Code::invalid:
    case Error::Code::context_length:
    case Error::Code::grammar_error:
    case Error::Code::unsupported: return true;
    case Error::Code::not_found: return error.where().find('/') == std::string::npos;
    default: return false;
  }
}

// By the names that OpenAI's clients look for.
std::string code_of(const Error& error) {
  if (error.code() == Error::Code::context_length) return "context_length_exceeded";
  if (error.code() == Error::Code::not_found && error.where() == "model") return "model_not_found";
  return std::string(Error::name(error.code()));
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(sanitize_utf8(text)); }

}  // namespace

HttpError::HttpError(int status, std::string message, std::string code, std::string param)
    : status_(status),
      message_(std::move(message)),
      type_(type_of(status)),
      code_(std::move(code)),
      param_(std::move(param)) {}

HttpError::HttpError(const Error& error) : HttpError(status_of(error.code()), error.message()) {
  if (names_parameter(error)) param_ = error.where();
  if (error.code() == Error::Code::invalid) return;
  code_ = code_of(error);
  if (error.code() == Error::Code::loading) with_header("Retry-After", kRetrySeconds);
  const bool is_users_program =
      error.code() == Error::Code::template_error || error.code() == Error::Code::grammar_error;
  if (is_users_program || error.code() == Error::Code::model_invalid) type_ = code_;
  if (error.code() == Error::Code::model_invalid) message_ = error.what();  // "model_invalid:<field>@<offset>: …"
}

HttpError& HttpError::with_header(std::string name, std::string value) {
  headers_.add(std::move(name), std::move(value));
  return *this;
}

HttpError& HttpError::with_type(std::string type) {
  type_ = std::move(type);
  return *this;
}

std::string HttpError::body(ErrorStyle style) const {
  const std::string message = sanitize_utf8(message_);
  switch (style) {
    case ErrorStyle::anthropic:
      return Json{{"type", "error"}, {"error", {{"type", anthropic_type_of(status_)}, {"message", message}}}}.dump();
    case ErrorStyle::ollama: return Json{{"error", message}}.dump();
    case ErrorStyle::openai: break;
  }
  return Json{{"error",
               {{"message", message}, {"type", type_}, {"param", text_or_null(param_)}, {"code", text_or_null(code_)}}}}
      .dump();
}

HttpAnswer HttpError::answer(ErrorStyle style) const {
  return {.head = {.status = status_, .content_type = "application/json", .headers = headers_}, .body = body(style)};
}

}  // namespace loam
