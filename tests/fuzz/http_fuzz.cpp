// Any bytes on a connection. The input's first byte says how many arrive at a time: the same must come of it as when
// all arrive at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "server/http/http_error.h"
#include "server/http/json_body.h"
#include "server/http/request_parser.h"
#include "server/http/server.h"

namespace {

struct Outcome {
  int status = 0;  // of the refusal
  bool done = false;
  std::string method, path, body;
  bool operator==(const Outcome&) const = default;
};

void check(const loam::HttpRequest& request) {
  LOAM_CHECK(loam::is_valid_utf8(request.path));
  LOAM_CHECK(request.path == "*" || request.path.starts_with('/'));
  LOAM_CHECK((request.path + "/").find("/../") == std::string::npos);
  LOAM_CHECK(std::ranges::none_of(request.path, [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
  for (const auto& [name, value] : request.headers)
    LOAM_CHECK((name + value).find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
}

Outcome parse(std::string_view bytes, size_t step) {
  const loam::HttpLimits limits;
  loam::RequestParser parser(limits, {});
  Outcome outcome;
  std::string input;
  try {
    for (size_t i = 0; i < bytes.size() && !parser.is_done(); i += step) {
      input += bytes.substr(i, step);
      const size_t used = parser.feed(input);
      LOAM_CHECK(used <= input.size());
      input.erase(0, used);
      LOAM_CHECK(input.size() < 8192 || parser.is_done());
    }
  } catch (const loam::HttpError& error) {
    outcome.status = error.status();
    return outcome;  // how much of the request is known by then depends on the steps
  }
  outcome.done = parser.is_done();
  outcome.method = parser.request().method;
  outcome.path = parser.request().path;
  outcome.body = parser.request().body;
  if (parser.has_head()) check(parser.request());
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = parse(bytes, bytes.size());
  const Outcome pieces = parse(bytes, 1 + data[0]);
  // Of two faults the one that is seen first may be another.
  LOAM_CHECK((whole.status != 0) == (pieces.status != 0));
  if (whole.status == 0) LOAM_CHECK(whole == pieces);
  try {
    loam::parse_json(bytes);
  } catch (const loam::HttpError&) {
  }
  return 0;
}
