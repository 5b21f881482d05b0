#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <vector>

namespace loam {
namespace {

TEST(ThreadPool, RunsEveryJobOnceOnEveryThread) {
  for (int n = 1; n <= 5; ++n) {
    ThreadPool pool(n);
    std::vector<int> counts(n, 0);
    for (int job = 0; job < 500; ++job) pool.run([&](int thread) { ++counts[thread]; });
    for (const int count : counts) EXPECT_EQ(count, 500);
  }
}

TEST(ThreadPool, BarrierSeparatesPhases) {
  ThreadPool pool(4);
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> first{0};
    std::atomic<bool> early{false};
    pool.run([&](int) {
      first.fetch_add(1);
      pool.barrier();
      if (first.load() != 4) early = true;
      pool.barrier();
    });
    ASSERT_FALSE(early);
  }
}

TEST(ThreadPool, WorkersThatFellAsleepWakeUp) {
  ThreadPool pool(3);
  for (int i = 0; i < 5; ++i) {
    usleep(2000);
    std::atomic<int> n{0};
    pool.run([&](int) { ++n; });
    EXPECT_EQ(n, 3);
  }
}

TEST(ThreadPool, SplitCoversTheRangeAtMultiplesOfTheGrain) {
  for (int n_threads = 1; n_threads <= 7; ++n_threads)
    for (int64_t n : {0, 1, 8, 63, 64, 1000}) {
      int64_t at = 0;
      for (int t = 0; t < n_threads; ++t) {
        const auto [begin, end] = ThreadPool::split(n, 8, t, n_threads);
        EXPECT_EQ(begin, at);
        EXPECT_TRUE(end % 8 == 0 || end == n);
        at = end;
      }
      EXPECT_EQ(at, n);
    }
}

TEST(ThreadPool, CountsAtLeastOneCore) { EXPECT_GE(ThreadPool::physical_cores(), 1); }

}  // namespace
}  // namespace loam
