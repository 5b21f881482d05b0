#include "base/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace loam {
namespace {

TEST(ChildProcess, GivesStatusAndBothOutputs) {
  const ChildResult result = run_child({"sh", "-c", "echo out; echo err >&2; exit 7"});
  EXPECT_EQ(result.exit_status, 7);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(ChildProcess, ArgumentsReachTheProgramUnchanged) {
  const ChildResult result = run_child({"printf", "%s|", "a b", "$HOME", "`id`", ""});
  EXPECT_EQ(result.output, "a b|$HOME|`id`||");
}

TEST(ChildProcess, EnvironmentIsAddedAndReplaced) {
  const ChildResult result =
      run_child({"sh", "-c", "echo \"$LOAM_TEST_VALUE $HOME\""}, {"LOAM_TEST_VALUE=one", "HOME=/nowhere"});
  EXPECT_EQ(result.output, "one /nowhere\n");
}

TEST(ChildProcess, KeepsTheEndOfALongOutput) {
  const ChildResult result = run_child({"sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"});
  EXPECT_LE(result.output.size(), 16u << 10);
  EXPECT_TRUE(result.output.ends_with("line 19999\n"));
}

TEST(ChildProcess, CancellingEndsTheChild) {
  const std::string path = testing::TempDir() + "child-" + std::to_string(getpid());
  pid_t child = 0;  // it says who it is, and is cancelled then
  const auto keep_going = [&] { return !(std::ifstream(path) >> child); };
  try {
    run_child({"sh", "-c", "echo $$ > \"$1.new\"; mv \"$1.new\" \"$1\"; exec sleep 100000", "sh", path}, {},
              keep_going);
    FAIL() << "cancelled, so it must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::cancelled);
  }
  ASSERT_GT(child, 0);
  EXPECT_EQ(kill(child, 0), -1) << "still there";
  EXPECT_EQ(errno, ESRCH);
  std::filesystem::remove(path);
}

TEST(ChildProcess, AnAbsentProgramIsNotFound) {
  try {
    run_child({"loam-no-such-program"});
    FAIL() << "there is no such program";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::not_found);
  }
}

TEST(ChildProcess, ASignalIsReportedLikeTheShellDoes) {
  EXPECT_EQ(run_child({"sh", "-c", "kill -9 $$"}).exit_status, 137);
}

}  // namespace
}  // namespace loam
