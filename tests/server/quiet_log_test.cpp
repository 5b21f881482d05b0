// The servers of these tests log only what should not happen.
#include <gtest/gtest.h>

#include "base/log.h"

namespace loam::test {
namespace {

class QuietLog : public testing::Environment {
  void SetUp() override { set_up_log({.level = LogLevel::error, .json = false, .file = {}}); }
};
const testing::Environment* const kQuiet = testing::AddGlobalTestEnvironment(new QuietLog);

}  // namespace
}  // namespace loam::test
