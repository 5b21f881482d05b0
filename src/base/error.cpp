#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace loam {

Error::Error(Code code, std::string message, std::string where)
    : code_(code), message_(std::move(message)), where_(std::move(where)) {
  what_ = std::string(name(code_));
  if (!where_.empty()) what_ += ":" + where_;
  what_ += ": " + message_;
}

std::string_view Error::name(Code code) {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::model_invalid: return "model_invalid";
    case Code::template_error: return "template_error";
    case Code::grammar_error: return "grammar_error";
    case Code::unsupported: return "unsupported";
    case Code::not_found: return "not_found";
    case Code::no_memory: return "no_memory";
    case Code::io: return "io";
    case Code::context_length: return "context_length";
    case Code::loading: return "loading";
    case Code::cancelled: return "cancelled";
  }
  return "error";
}

int Error::exit_status() const {
  switch (code_) {
    case Code::invalid:
    case Code::grammar_error: return 2;
    case Code::model_invalid: return 3;
    case Code::template_error: return 4;
    case Code::cancelled: return 130;
    default: return 1;
  }
}

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "loam: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace loam
