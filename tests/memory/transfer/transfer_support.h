// What the tests of imports and exports share: a store in a folder of its own, and files beside it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "memory/store/turn_store.h"
#include "memory/transfer/import.h"
#include "tests/memory/memory_support.h"

namespace loam::test {

struct TransferTest : testing::Test {
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder.path(name), std::ios::binary) << bytes;
    return folder.path(name);
  }
  ImportReport import_text(const std::string& name, const std::string& bytes) {
    return import_chats(store, write(name, bytes));
  }
  std::vector<Turn> turns() {
    std::vector<Turn> all;
    store.for_each("", "", [&](const Turn& turn) {
      all.push_back(turn);
      return true;
    });
    return all;
  }

  TemporaryFolder folder;
  Database database{folder.path("mem.db")};
  TurnStore store{database};
};

// The error that `run` ends with; fails the test where there is none.
template <class Run>
Error error_in(Run run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(Error::Code::invalid, "");
}

}  // namespace loam::test
