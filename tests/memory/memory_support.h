// What the tests of memory share: a folder of their own, and turns in one line.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "memory/turn.h"
#include "tests/support/support.h"

namespace loam::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "loam-memory-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    folder_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(folder_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name = "") const { return folder_ / name; }
  // Whether any file below holds these bytes.
  bool holds_bytes(std::string_view bytes) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file() && read_file(entry.path()).find(bytes) != std::string::npos) return true;
    }
    return false;
  }

 private:
  std::filesystem::path folder_;
};

inline NewTurn turn_of(std::string session, std::string text, UnixTime time = 0) {
  NewTurn turn;
  turn.session = std::move(session);
  turn.text = std::move(text);
  turn.time = time;
  return turn;
}

}  // namespace loam::test
