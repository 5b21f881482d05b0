#include "server/http/json_body.h"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "server/http/http_error.h"

namespace loam {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw HttpError(400, "the body is not JSON: " + why, "bad_json"); }

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

// Counts what a parser would have to keep, without keeping it; whether it is JSON, the parser says.
class Bounds {
 public:
  Bounds(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  void check() {
    while (i_ < text_.size()) {
      const char c = text_[i_];
      if (c == '"') {
        skip_string();
      } else if (is_number_part(c)) {
        skip_number();
      } else {
        count(c);
        ++i_;
      }
    }
  }

 private:
  void skip_string() {
    for (++i_; i_ < text_.size() && text_[i_] != '"'; ++i_)
      if (text_[i_] == '\\') ++i_;
    ++i_;
  }

  void skip_number() {
    const size_t begin = i_;
    while (i_ < text_.size() && is_number_part(text_[i_])) ++i_;
    if (i_ - begin > static_cast<size_t>(limits_.number_digits))
      refuse(fmt::format("a number at byte {} has more than {} digits", begin, limits_.number_digits));
  }

  void count(char c) {
    if (c == '\0') refuse(fmt::format("byte {} is NUL", i_));  // the parser would take it for the end
    if (c == '[' || c == '{') {
      if (++depth_ > limits_.depth) refuse(fmt::format("deeper than {} levels at byte {}", limits_.depth, i_));
      ++n_values_;
    }
    if (c == ']' || c == '}') --depth_;
    if (c == ',') ++n_values_;
    if (n_values_ > limits_.values) refuse(fmt::format("more than {} values", limits_.values));
  }

  const std::string_view text_;
  const JsonLimits& limits_;
  size_t i_ = 0;
  int depth_ = 0, n_values_ = 0;
};

}  // namespace

nlohmann::ordered_json parse_json(std::string_view text, const JsonLimits& limits) {
  Bounds(text, limits).check();
  try {
    return nlohmann::ordered_json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    refuse(fmt::format("it breaks off or is wrong at byte {}", error.byte));
  } catch (const nlohmann::json::exception&) {
    refuse("a number does not fit");
  }
}

}  // namespace loam
