#include "ops/context.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "ops/ops.h"

namespace loam {
namespace {

TEST(Arena, GivesAlignedBlocksThatDoNotOverlap) {
  Arena arena;
  std::byte* end = nullptr;
  for (const size_t bytes : {1, 64, 65, 100'000, 0, 3}) {
    auto* block = static_cast<std::byte*>(arena.allocate(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    EXPECT_GE(block, end);
    std::memset(block, 1, bytes);
    end = block + bytes;
  }
}

TEST(Arena, ResetMakesTheSameMemoryReusable) {
  Arena arena;
  void* first = arena.allocate(1000);
  arena.allocate(size_t{40} << 20);
  const size_t reserved = arena.reserved();
  EXPECT_GE(reserved, size_t{40} << 20);
  for (int i = 0; i < 3; ++i) {
    arena.reset();
    EXPECT_EQ(arena.allocate(1000), first);
    arena.allocate(size_t{40} << 20);
    EXPECT_EQ(arena.reserved(), reserved);
  }
}

TEST(Arena, ScopesGiveBackWhatTheyTook) {
  Arena arena;
  auto* kept = static_cast<int*>(arena.allocate(sizeof(int)));
  *kept = 42;
  void* first = nullptr;
  size_t reserved = 0;
  for (int layer = 0; layer < 100; ++layer) {
    const Arena::Scope scope(arena);
    void* block = arena.allocate(size_t{10} << 20);
    std::memset(block, 0xFF, 1000);
    arena.allocate(size_t{10} << 20);  // needs another block
    if (layer == 0) first = block, reserved = arena.reserved();
    EXPECT_EQ(block, first);
    EXPECT_EQ(arena.reserved(), reserved);
  }
  EXPECT_EQ(*kept, 42);
}

TEST(RopeTables, KeepsTwoAndRecomputesWhatChanged) {
  ThreadPool pool(2);
  RopeTables tables;
  const Rope slow{.n_rotated = 4, .inverse_frequencies = {0.5f, 0.01f}};
  const Rope fast{.n_rotated = 4, .inverse_frequencies = {1.0f, 0.1f}};
  const Rope stretched{.n_rotated = 4, .inverse_frequencies = {1.0f, 0.1f}, .attention_factor = 2};
  std::vector<int32_t> positions = {0, 3, 100'000};

  const RopeTables::Table* first = &tables.find(positions, slow, pool);
  const RopeTables::Table* second = &tables.find(positions, fast, pool);
  EXPECT_NE(first, second);
  EXPECT_EQ(&tables.find(positions, slow, pool), first);
  EXPECT_EQ(&tables.find(positions, fast, pool), second);
  EXPECT_EQ(first->cos[5], static_cast<float>(std::cos(double{0.01f} * 100'000)));
  EXPECT_EQ(first->sin[2], static_cast<float>(std::sin(1.5)));

  EXPECT_EQ(tables.find(positions, stretched, pool).cos[0], 2);
  positions[0] = 7;
  EXPECT_EQ(tables.find(positions, fast, pool).sin[0], static_cast<float>(std::sin(7.0)));
}

}  // namespace
}  // namespace loam
