#include "base/log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <regex>
#include <thread>

#include "base/error.h"

namespace loam {
namespace {

TEST(LogText, QuotesWhatWouldEndAValue) {
  EXPECT_EQ(log_text("request", {{"id", "r-1"}, {"status", 200}, {"ms", 1.25}, {"left", true}}),
            "request id=r-1 status=200 ms=1.25 left=true");
  EXPECT_EQ(log_text("x", {{"a", "b c"}, {"d", ""}, {"e", "f=g"}, {"h", "i\"j"}}),
            R"(x a="b c" d="" e="f=g" h="i\"j")");
}

TEST(LogText, EscapesControlCharacters) {
  EXPECT_EQ(log_text("a\nb", {{"c", "\x1B[31m"}, {"d", "e f\r\ng"}}), "a\\x0Ab c=\\x1B[31m d=\"e f\\u000d\\u000ag\"");
}

TEST(LogJson, IsJsonWhateverTheTextHolds) {
  EXPECT_EQ(log_json_members("e", {{"a", "\"\\\n\x7F\xFF한"}, {"b", std::nan("")}, {"c", 1e300}, {"d", -5}}),
            "\"event\":\"e\",\"a\":\"\\\"\\\\\\u000a\\u007f\xEF\xBF\xBD한\",\"b\":null,\"c\":1e+300,\"d\":-5");
}

std::string logged(const LogOptions& given) {
  LogOptions options = given;
  options.file = testing::TempDir() + "loam-log-" + std::to_string(getpid());
  set_up_log(options);
  log(LogLevel::debug, "too little");
  log(LogLevel::warning, "braces {} {0}", {{"a", "{}"}});
  set_up_log({});  // writes what waits
  std::ifstream file(options.file);
  std::remove(options.file.c_str());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Log, WritesLinesWithTimeAndLevel) {
  const std::string time = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)";
  EXPECT_TRUE(std::regex_match(logged({}), std::regex(time + R"( warning braces \{\} \{0\} a=\{\}\n)"))) << logged({});
  EXPECT_TRUE(std::regex_match(
      logged({.level = LogLevel::info, .json = true, .file = {}}),
      std::regex(R"(\{"time":")" + time + R"(","level":"warning","event":"braces \{\} \{0\}","a":"\{\}"\}\n)")));
}

TEST(Log, MayBeReplacedWhileOthersWrite) {
  std::thread writer([] {
    for (int i = 0; i < 1000; ++i) log(LogLevel::debug, "x", {{"i", i}});
  });
  for (int i = 0; i < 20; ++i) set_up_log({});
  writer.join();
}

TEST(Log, AFileThatCannotBeWrittenIsAnError) {
  LogOptions options;
  options.file = testing::TempDir();  // a folder
  try {
    set_up_log(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::io);
    EXPECT_EQ(error.where(), options.file);
  }
}

}  // namespace
}  // namespace loam
