#include "engine/memory_check.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace loam {
namespace {

constexpr uint64_t kMiB = 1 << 20;

std::string refusal(const MemoryNeed& need, int64_t context, std::optional<uint64_t> available) {
  try {
    check_memory(need, context, available);
    return {};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::no_memory);
    return error.message();
  }
}

TEST(MemoryCheck, AcceptsWhatFitsAndWhatCannotBeKnown) {
  const MemoryNeed need{.weights = 100 * kMiB, .kv_per_token = 1024, .parallel = 2, .work = 10 * kMiB};
  EXPECT_EQ(need.total(4096), 118 * kMiB);
  EXPECT_EQ(refusal(need, 4096, 118 * kMiB), "");
  EXPECT_EQ(refusal(need, 4096, std::nullopt), "");
}

TEST(MemoryCheck, RefusalSaysWhatIsNeededWhatIsFreeAndWhatWouldFit) {
  const MemoryNeed need{.weights = 2048 * kMiB, .kv_per_token = kMiB / 8, .parallel = 1, .work = 0};
  EXPECT_EQ(refusal(need, 26214, 3174 * kMiB), "needs 5.2 GiB, 3.1 GiB free: try --ctx 8960");
  EXPECT_EQ(refusal(need, 8960, 3174 * kMiB), "");
}

TEST(MemoryCheck, WhereNoContextFitsItSaysSo) {
  const MemoryNeed need{.weights = 4096 * kMiB, .kv_per_token = 1024, .parallel = 1, .work = 0};
  EXPECT_EQ(
      refusal(need, 512, 1024 * kMiB),
      "needs 4.0 GiB, 1.0 GiB free: no context is short enough: try a smaller model or one with fewer bits a weight");
}

TEST(MemoryCheck, SumsThatOverflowDoNotFit) {
  const MemoryNeed need{.weights = 1, .kv_per_token = uint64_t{1} << 40, .parallel = 1024, .work = 0};
  EXPECT_EQ(need.total(uint64_t{1} << 28), UINT64_MAX);
  EXPECT_NE(refusal(need, int64_t{1} << 28, uint64_t{1} << 40), "");
}

}  // namespace
}  // namespace loam
