// The server's idle work, with the embedding model itself.
#include "server/memory/memory_keeper.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/temporary_folder.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

using namespace std::chrono_literals;

constexpr int kTurns = 60, kTurnsOfAPiece = 5;  // of 200 bytes

bool wait_until(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + 2min;
  while (!holds() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(2ms);
  return holds();
}

TEST(MemoryKeeper, MakesVectorsSeldomBesideAnAnswerAndAllWhenNobodyAsks) {
  const std::string model = model_path("all-minilm-l6-v2");
  LOAM_NEEDS(model);
  const TemporaryFolder folder;
  MemoryHome home(folder.file("users"));
  const auto memory = home.of("mary");
  std::vector<NewTurn> turns(kTurns);
  for (int i = 0; i < kTurns; ++i) {
    turns[static_cast<size_t>(i)].session = "s" + std::to_string(i);
    for (int word = 0; word < 40; ++word) turns[static_cast<size_t>(i)].text += "tea, ";
  }
  memory->turns().add(turns);
  std::atomic<bool> is_busy = true;
  const MemoryKeeper keeper(&home, {.embedding_model = model, .is_busy = [&] { return is_busy.load(); }, .think = {}});
  ASSERT_TRUE(wait_until([&] {
    const int64_t left = memory->n_without_vector();
    return left > 0 && left < kTurns;
  })) << "a little is done beside an answer";
  const int64_t left = memory->n_without_vector();
  std::this_thread::sleep_for(100ms);
  EXPECT_GE(memory->n_without_vector(), left - kTurnsOfAPiece) << "with a rest of 19 times as long";
  is_busy = false;
  EXPECT_TRUE(wait_until([&] { return memory->n_without_vector() == 0; }));
}

}  // namespace
}  // namespace loam::test
