// Where tests find what is too large to keep in the repository; each is skipped, and counted, where it is absent.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace loam::test {

// Under sanitizers everything takes ten times as long: what only has to be large is smaller there.
#ifdef LOAM_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
// How long a test waits for another thread or process before it fails: longer than anything takes, even under
// sanitizers on a busy machine.
inline constexpr std::chrono::minutes kPatience{8};
inline constexpr size_t kLongText = size_t{kSanitized ? 1 : 10} << 20;  // bytes

std::string source_path(const std::string& relative);   // in the checkout
std::string data_path(const std::string& relative);     // in tests/data
std::string shared_path(const std::string& relative);   // $LOAM_SHARED, else ../shared beside the checkout
std::string fixture_path(const std::string& relative);  // $LOAM_FIXTURES, else build/fixtures (made by ./test)
std::string model_path(const std::string& name);        // the installed catalogue model NAME: its file or folder
std::string read_file(const std::string& path);         // bytes; fails the test where it cannot be read
bool exists(const std::string& path);
std::string program_path();  // the loam program of this build

}  // namespace loam::test

#define LOAM_NEEDS(path) \
  if (!loam::test::exists(path)) GTEST_SKIP() << "needs " << (path)
