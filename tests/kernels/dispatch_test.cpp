// The choice of the instruction set.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

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
