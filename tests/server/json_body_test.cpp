#include "server/http/json_body.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/http/http_error.h"

namespace loam::test {
namespace {

std::string nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
}

std::string repeated(const std::string& text, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

TEST(ParseJson, KeepsTheOrder) {
  EXPECT_EQ(parse_json(R"( {"b": [1, -2.5e3, "\"]}\\"], "a": null} )").dump(),
            R"({"b":[1,-2500.0,"\"]}\\"],"a":null})");
}

TEST(ParseJson, RefusesWhatIsWrongOrTooMuch) {
  const std::string digits(1'000, '1');
  for (const std::string& wrong : {std::string(),
                                   std::string(" "),
                                   std::string("{"),
                                   std::string("{}x"),
                                   std::string("{} {}"),
                                   std::string("[1,]"),
                                   std::string("{'a':1}"),
                                   std::string("[01]"),
                                   std::string("[+1]"),
                                   std::string("[NaN]"),
                                   std::string("[1e400]"),
                                   std::string("\"\\"),
                                   std::string("\"\xFF\""),
                                   std::string("\"\xED\xA0\x80\""),
                                   std::string("\"a\nb\""),
                                   std::string("\0{}", 3),
                                   std::string("{}\0", 3),
                                   std::string("{}\0x", 4),
                                   std::string("\"\\ud800\""),
                                   nested(65),
                                   nested(100'000),
                                   std::string(100'000, '['),
                                   repeated("{\"a\":", 100'000),
                                   "[" + digits + "1]",
                                   "[" + std::string(1'000'000, '1') + "]",
                                   "[-" + digits + "]",
                                   "[0." + digits + "]",
                                   "[" + repeated("0,", 1'000'001) + "0]",
                                   "[" + repeated("[],", 500'001) + "0]"}) {
    try {
      parse_json(wrong);
      ADD_FAILURE() << wrong.substr(0, 40);
    } catch (const HttpError& error) {
      EXPECT_EQ(error.status(), 400) << wrong.substr(0, 40);
    }
  }
}

TEST(ParseJson, TakesWhatIsJustAllowed) {
  EXPECT_NO_THROW(parse_json(nested(64)));
  EXPECT_NO_THROW(parse_json("[" + repeated("1,", 131'072) + "1]"));
  EXPECT_NO_THROW(parse_json("[0." + std::string(990, '1') + "]"));
  EXPECT_NO_THROW(parse_json("\"" + std::string(1 << 20, '[') + "\""));
  EXPECT_NO_THROW(parse_json("\"" + std::string(2'000, '1') + "\""));
}

}  // namespace
}  // namespace loam::test
