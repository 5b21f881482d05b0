#include "base/human_bytes.h"

#include <gtest/gtest.h>

namespace loam {
namespace {

TEST(HumanBytes, DecimalUnitsWithOneDigit) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(98'362'432), "98.4 MB");
  EXPECT_EQ(human_bytes(999'949'999), "999.9 MB");
  EXPECT_EQ(human_bytes(999'960'000), "1.0 GB");
  EXPECT_EQ(human_bytes(1'117'320'768), "1.1 GB");
  EXPECT_EQ(human_bytes(UINT64_MAX), "18.4 EB");
}

TEST(WithCommas, GroupsByThree) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-123456), "-123,456");
  EXPECT_EQ(with_commas(1234567890), "1,234,567,890");
}

}  // namespace
}  // namespace loam
