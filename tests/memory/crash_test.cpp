// What was acknowledged outlives the process, however it ends: writers are killed in the middle of their work.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "memory/memory_home.h"
#include "tests/memory/memory_support.h"

namespace loam {
namespace {

constexpr int kUsers = 6;
constexpr int kCycles = test::kSanitized ? 20 : 200;

struct Acknowledged {
  int32_t user, number;
};

std::string user_name(int user) { return "user" + std::to_string(user); }
std::string key_of(const Acknowledged& turn) { return "key-" + std::to_string(turn.number); }

// The child's life: each user's thread keeps turns, and says so once they are kept, until the process is killed.
[[noreturn]] void write_until_killed(const std::string& folder, int first, int acknowledge) {
  MemoryHome home(folder);
  std::vector<std::thread> writers;
  for (int user = 0; user < kUsers; ++user) {
    writers.emplace_back([&home, user, first, acknowledge] {
      const auto memory = home.of(user_name(user));
      for (Acknowledged turn{user, first};; ++turn.number) {
        NewTurn said = test::turn_of("s", "I said number " + std::to_string(turn.number));
        said.key = key_of(turn);
        memory->turns().add(said);
        memory->turns().add(said);  // sent again by a client that heard nothing
        if (write(acknowledge, &turn, sizeof turn) != sizeof turn) _exit(1);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  _exit(1);
}

// Reads acknowledgements until there are `n`, kills the child, and reads those that it had still sent.
std::vector<Acknowledged> kill_after(pid_t child, int acknowledgements, size_t n) {
  std::vector<Acknowledged> read_ones;
  Acknowledged turn;
  while (read(acknowledgements, &turn, sizeof turn) == sizeof turn) {
    read_ones.push_back(turn);
    if (read_ones.size() == n) kill(child, SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the writer ended by itself: " << status;
  return read_ones;
}

TEST(Crash, NothingThatWasAcknowledgedIsLostOrDoubled) {
  const test::TemporaryFolder folder;
  std::mt19937 random(7);
  std::array<std::set<std::string>, kUsers> acknowledged;
  int next = 0;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(ends[0]);
      write_until_killed(folder.path("users"), next, ends[1]);
    }
    close(ends[1]);
    for (const Acknowledged& turn : kill_after(child, ends[0], 1 + random() % 20)) {
      acknowledged[static_cast<size_t>(turn.user)].insert(key_of(turn));
      next = std::max(next, turn.number + 1);
    }
    close(ends[0]);
  }
  MemoryHome home(folder.path("users"));
  for (int user = 0; user < kUsers; ++user) {
    const auto memory = home.of(user_name(user));
    std::map<std::string, int> kept;
    memory->turns().for_each("", "", [&](const Turn& turn) {
      ++kept[turn.key];
      return true;
    });
    for (const std::string& key : acknowledged[static_cast<size_t>(user)])
      EXPECT_EQ(kept[key], 1) << user << " " << key;
    for (const auto& [key, n] : kept) EXPECT_EQ(n, 1) << user << " " << key;
    EXPECT_EQ(memory->turns().database().check_integrity(), "ok");
  }
  EXPECT_GT(next, kCycles / 4) << "the writers hardly wrote";
}

}  // namespace
}  // namespace loam
