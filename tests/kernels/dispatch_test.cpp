// The choice of the instruction set.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "kernels/kernel_table.h"

namespace loam {
namespace {

// Sets LOAM_ISA for one test, and puts back what it was.
class ForcedIsa {
 public:
  explicit ForcedIsa(const char* name) : was_(std::getenv("LOAM_ISA") ? std::getenv("LOAM_ISA") : "") {
    setenv("LOAM_ISA", name, 1);
  }
  ~ForcedIsa() { setenv("LOAM_ISA", was_.c_str(), 1); }

 private:
  std::string was_;
};

TEST(Dispatch, ScalarIsAlwaysThereAndFirst) {
  ASSERT_FALSE(available_kernels().empty());
  EXPECT_EQ(available_kernels().front()->name, "scalar");
}

TEST(Dispatch, TakesTheFastestSet) {
  const ForcedIsa forced("");
  EXPECT_EQ(&select_kernels(), available_kernels().back());
}

TEST(Dispatch, TakesTheForcedSet) {
  for (const KernelTable* table : available_kernels()) {
    const ForcedIsa forced(table->name.data());
    EXPECT_EQ(&select_kernels(), table);
  }
}

#if defined(__linux__) && defined(__x86_64__)
// The words of the first line "flags : …" of /proc/cpuinfo, each between two spaces.
std::string cpu_flags() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with("flags")) return line + " ";
  return "";
}

TEST(Dispatch, OffersWhatTheCpuHas) {
  const std::string flags = cpu_flags();
  if (flags.empty()) GTEST_SKIP() << "/proc/cpuinfo lists no flags";
  const auto has = [&](const char* flag) { return flags.find(" " + std::string(flag) + " ") != std::string::npos; };
  std::vector<std::string_view> expected = {"scalar"}, names;
  if (has("avx2") && has("fma")) {
    expected.push_back("avx2");
    if (has("avx_vnni")) expected.push_back("avxvnni");
    if (has("avx512bw") && has("avx512dq") && has("avx512vl") && has("avx512_vnni")) expected.push_back("avx512vnni");
  }
  for (const KernelTable* table : available_kernels()) names.push_back(table->name);
  EXPECT_EQ(names, expected) << flags;
}
#endif

TEST(Dispatch, UnknownSetListsTheChoices) {
  const ForcedIsa forced("sse9");
  try {
    select_kernels();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid);
    EXPECT_EQ(error.where(), "LOAM_ISA");
    EXPECT_NE(error.message().find("'sse9'"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find("scalar"), std::string::npos) << error.message();
  }
}

}  // namespace
}  // namespace loam
