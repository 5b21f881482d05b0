// A home folder of its own for each test, and a web server on the loopback interface.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "tests/support/support.h"

namespace loam::test {

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Bytes without a period, so that a wrong offset shows.
inline std::string noise(size_t n) {
  std::string bytes(n, '\0');
  uint32_t state = 12345;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

inline std::string gguf_noise(size_t n) { return "GGUF" + noise(n - 4); }

// Runs `body`, which must throw an Error, and gives it.
template <class F>
Error error_of(F&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error was thrown";
  return Error(Error::Code::invalid, "none");
}

// tests/file/range_server.py over a folder.
class RangeServer {
 public:
  explicit RangeServer(const std::string& folder) : log_(folder + "/requests.log") {
    const std::string program = source_path("tests/file/range_server.py");
    const std::string command = "python3 '" + program + "' '" + folder + "' > '" + log_ + "' 2>/dev/null";
    input_ = popen(command.c_str(), "w");
    for (int i = 0; i < 200 && requests_and_port().empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  ~RangeServer() { pclose(input_); }
  RangeServer(const RangeServer&) = delete;
  RangeServer& operator=(const RangeServer&) = delete;

  std::string url(const std::string& path) const { return "http://127.0.0.1:" + requests_and_port().at(0) + path; }
  // "PATH RANGE IF-RANGE" of each request so far; "-" where there is none.
  std::vector<std::string> requests() const {
    std::vector<std::string> lines = requests_and_port();
    lines.erase(lines.begin());
    return lines;
  }

 private:
  std::vector<std::string> requests_and_port() const {
    std::istringstream lines(exists(log_) ? read_file(log_) : "");
    std::vector<std::string> result;
    for (std::string line; std::getline(lines, line);) result.push_back(line);
    return result;
  }

  std::string log_;
  FILE* input_;
};

// $LOAM_HOME is a new, empty folder during each test.
class HomeTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "loam_home_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    home_ = pattern;
    before_ = std::getenv("LOAM_HOME") ? std::getenv("LOAM_HOME") : "";
    setenv("LOAM_HOME", home_.c_str(), 1);
    std::filesystem::create_directories(home_ + "/models");
    std::filesystem::create_directories(home_ + "/www");
  }
  void TearDown() override {
    before_.empty() ? unsetenv("LOAM_HOME") : setenv("LOAM_HOME", before_.c_str(), 1);
    std::filesystem::remove_all(home_);
  }

  std::string home_, before_;
};

}  // namespace loam::test
