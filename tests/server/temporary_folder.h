// A folder that goes away with its owner, everything in it included.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace loam::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = testing::TempDir() + "loam-test-XXXXXX";
    if (!mkdtemp(path_.data())) ADD_FAILURE() << "cannot make " << path_;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace loam::test
