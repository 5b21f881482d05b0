// The target of a request line, "/v1/models/a%2Fb?x=1", taken apart and decoded.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loam {

struct HttpTarget {
  std::string authority;  // of "http://authority/path"; "" otherwise
  std::string path;       // decoded
  std::string query;      // as sent
};

// HttpError(400) for anything that two programs could read differently: '%' without two hexadecimal digits, control
// characters (also encoded ones), "." and ".." segments, invalid UTF-8, a fragment. Empty segments stay: "//v1" is not
// "/v1". The target of OPTIONS may be "*".
HttpTarget parse_target(std::string_view method, std::string_view target);

// "a=1&b=x+y" → names and values, decoded. HttpError(400) as above.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace loam
