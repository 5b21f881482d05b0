#include "base/system_memory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace loam {
namespace {

// A root folder with the files of /proc and /sys that a test needs.
class SystemMemory : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::path(testing::TempDir()) /
            (std::string("loam_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(root_);
    put("/proc/meminfo", "MemTotal:       8000000 kB\nMemFree:         100 kB\nMemAvailable:    4000000 kB\n");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_.string() + path).parent_path());
    std::ofstream(root_.string() + path) << text;
  }
  std::optional<uint64_t> available() const { return available_memory(root_.string()); }

  std::filesystem::path root_;
};

TEST_F(SystemMemory, IsWhatTheKernelCallsAvailable) { EXPECT_EQ(available(), 4096000000u); }

TEST_F(SystemMemory, UnknownWithoutMeminfo) {
  std::filesystem::remove(root_ / "proc/meminfo");
  EXPECT_EQ(available(), std::nullopt);
}

TEST_F(SystemMemory, Version2GroupLimitsAndItsDroppableFilePagesCountAsFree) {
  put("/proc/self/cgroup", "0::/user/job\n");
  put("/sys/fs/cgroup/user/job/memory.max", "1000000\n");
  put("/sys/fs/cgroup/user/job/memory.current", "900000\n");
  put("/sys/fs/cgroup/user/job/memory.stat", "anon 500000\ninactive_file 300000\n");
  EXPECT_EQ(available(), 400000u);
}

TEST_F(SystemMemory, AGroupAroundLimitsToo) {
  put("/proc/self/cgroup", "0::/user/job\n");
  put("/sys/fs/cgroup/user/job/memory.max", "max\n");
  put("/sys/fs/cgroup/user/job/memory.current", "900000\n");
  put("/sys/fs/cgroup/user/memory.max", "2000000\n");
  put("/sys/fs/cgroup/user/memory.current", "1500000\n");
  EXPECT_EQ(available(), 500000u);
}

TEST_F(SystemMemory, InAContainerTheGroupIsTheRoot) {
  put("/proc/self/cgroup", "0::/\n");
  put("/sys/fs/cgroup/memory.max", "700000\n");
  put("/sys/fs/cgroup/memory.current", "900000\n");
  EXPECT_EQ(available(), 0u);
}

TEST_F(SystemMemory, Version1Group) {
  put("/proc/self/cgroup", "9:cpu,cpuacct:/x\n5:memory:/x\n");
  put("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "3000000\n");
  put("/sys/fs/cgroup/memory/x/memory.usage_in_bytes", "1000000\n");
  put("/sys/fs/cgroup/memory/x/memory.stat", "inactive_file 5\ntotal_inactive_file 250000\n");
  EXPECT_EQ(available(), 2250000u);
}

TEST_F(SystemMemory, AddressSpaceThatIsLeft) {
  const std::string unlimited =
      "Limit                     Soft Limit           Hard Limit           Units\n"
      "Max data size             unlimited            unlimited            bytes\n";
  put("/proc/self/statm", "100 50 20 5 0 60 0\n");
  put("/proc/self/limits", unlimited + "Max address space         unlimited            unlimited            bytes\n");
  EXPECT_EQ(available(), 4096000000u);
  put("/proc/self/limits", unlimited + "Max address space         2147483648           unlimited            bytes\n");
  EXPECT_EQ(available(), 2147483648u - 100 * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
}

TEST(FormatBytes, UsesTheUnitThatReadsBest) {
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(uint64_t{94} << 20), "94 MiB");
  EXPECT_EQ(format_bytes(uint64_t{5324} << 20), "5.2 GiB");
}

}  // namespace
}  // namespace loam
