#include "base/child_process.h"

#include <gtest/gtest.h>

#include <chrono>

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
  const auto start = std::chrono::steady_clock::now();
  try {
    run_child({"sleep", "60"}, {}, [] { return false; });
    FAIL() << "cancelled, so it must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::cancelled);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
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
