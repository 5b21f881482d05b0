#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace loam {
namespace {

TEST(DType, KnowsSizesByNumber) {
  EXPECT_EQ(find_dtype(12)->name, "Q4_K");
  EXPECT_EQ(bytes_of(DType::q4_k, 512), 288u);
  EXPECT_EQ(bytes_of(DType::mxfp4, 64), 34u);
  for (uint32_t removed : {4u, 5u, 31u, 36u, 9999u, 0xFFFFFFFFu}) EXPECT_EQ(find_dtype(removed), nullptr) << removed;
}

TEST(Shape, CountsRowsAndColumns) {
  const Shape shape{8, 384, 256};
  EXPECT_EQ(shape.elements(), 8 * 384 * 256);
  EXPECT_EQ(shape.rows(), 8 * 384);
  EXPECT_EQ(shape.cols(), 256);
  EXPECT_EQ(shape.text(), "(8, 384, 256)");
  EXPECT_NE(shape, (Shape{8, 384}));
}

TEST(Buffer, IsZeroedAlignedAndMovable) {
  Buffer a(5 << 20);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(a.data()) % 64, 0u);
  for (size_t i = 0; i < a.size(); i += 4096) ASSERT_EQ(a.data()[i], std::byte{0});
  a.data()[7] = std::byte{9};
  Buffer b = std::move(a);
  EXPECT_EQ(b.data()[7], std::byte{9});
  EXPECT_EQ(b.size(), size_t{5} << 20);
}

TEST(Buffer, ReleasesWholePagesOnly) {
  constexpr size_t kPage = 65536;  // a multiple of any system's page
  const Buffer buffer(4 * kPage);
  std::fill_n(buffer.data(), buffer.size(), std::byte{7});
  buffer.release(1, 1);
  buffer.release(kPage - 1, 3 * kPage + 1);
  EXPECT_EQ(buffer.data()[kPage - 1], std::byte{7});
  EXPECT_EQ(buffer.data()[kPage], std::byte{0});
  EXPECT_EQ(buffer.data()[3 * kPage - 1], std::byte{0});
  EXPECT_EQ(buffer.data()[3 * kPage], std::byte{7});
}

}  // namespace
}  // namespace loam
