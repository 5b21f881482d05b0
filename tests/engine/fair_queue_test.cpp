// Fair queueing and chunks sized by time, on a simulated machine: nothing here depends on a clock.
#include "engine/fair_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/chunk_size.h"

namespace loam {
namespace {

using Ids = std::vector<int64_t>;

// A machine that takes 60 ms for a step, 4 ms for each prompt token in it, and 12 ms for each further one generated;
// and requests that read a prompt and generate.
class Machine {
 public:
  struct Job {
    FairQueue::Request request;
    int64_t n_generate = 0;
    int64_t unread = 0, generated = 0;
    double came = 0, first_token = -1, done = -1;
  };

  explicit Machine(int places) : queue_(places), chunk_(512) {}

  int64_t add(const std::string& user, int64_t n_prompt, int64_t n_generate, double weight = 1, int priority = 0) {
    const auto id = std::ssize(jobs_);
    Job job{{id, user, weight, priority, n_prompt}, n_generate, n_prompt};
    job.came = now_;
    jobs_.push_back(job);
    queue_.add(job.request);
    ++n_open_;
    return id;
  }

  void step() {
    queue_.admit();
    const int64_t most = chunk_.rows(n_open_ > 1);
    int64_t n_read = 0, n_generated = 0;
    std::vector<Job*> sampled;
    for (const int64_t id : queue_.order()) {
      Job& job = jobs_[static_cast<size_t>(id)];
      const int64_t n = std::min(job.unread, most - n_read);
      if (job.unread == 0) ++n_generated;
      if (job.unread == n) sampled.push_back(&job);
      job.unread -= n;
      n_read += n;
      queue_.read(id, n, job.unread);
    }
    const double seconds = 0.06 + 0.004 * static_cast<double>(n_read) + 0.012 * static_cast<double>(n_generated);
    now_ += seconds;
    longest_step_ = std::max(longest_step_, seconds);
    chunk_.measured(n_read, seconds);
    queue_.passed(seconds);
    for (Job* job : sampled) sample(*job);
  }
  void run_until(double time) {
    while (now_ < time) step();
  }
  void run_all() {
    while (n_open_ > 0) step();
  }

  const Job& job(int64_t id) const { return jobs_[static_cast<size_t>(id)]; }
  double wait(int64_t id) const { return job(id).first_token - job(id).came; }
  double now() const { return now_; }
  double longest_step() const { return longest_step_; }
  int n_open(const std::string& user) const {
    return static_cast<int>(
        std::ranges::count_if(jobs_, [&](const Job& j) { return j.request.user == user && j.done < 0; }));
  }
  // Tokens read and generated.
  double served(const std::string& user) const {
    int64_t n = 0;
    for (const Job& j : jobs_)
      if (j.request.user == user) n += j.request.n_prompt - j.unread + j.generated;
    return static_cast<double>(n);
  }

 private:
  void sample(Job& job) {
    if (job.first_token < 0) job.first_token = now_;
    if (++job.generated < job.n_generate) return;
    job.done = now_;
    queue_.remove(job.request.id);
    --n_open_;
  }

  FairQueue queue_;
  ChunkSize chunk_;
  std::vector<Job> jobs_;
  int n_open_ = 0;
  double now_ = 0, longest_step_ = 0;
};

// Jain's index: 1 where all are equal, 1/n where one has all.
double fairness(const std::vector<double>& shares) {
  double sum = 0, squares = 0;
  for (const double x : shares) sum += x, squares += x * x;
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

TEST(FairQueue, AShortPromptPassesALongOneWhichLosesLittle) {
  Machine alone(0), shared(0);
  const int64_t reference = alone.add("", 3000, 1);
  alone.run_all();
  const int64_t prefill = shared.add("", 3000, 1);
  shared.run_until(3.1);
  const int64_t brief = shared.add("", 24, 16);
  shared.run_all();
  EXPECT_LE(shared.wait(brief), 1.0);
  EXPECT_LE(shared.wait(prefill), 1.15 * alone.wait(reference));
  EXPECT_LE(shared.longest_step(), 0.6);
}

TEST(FairQueue, AStreamOfShortPromptsDoesNotStarveALongOne) {
  Machine alone(0), machine(0);
  const int64_t reference = alone.add("", 2000, 1), prefill = machine.add("", 2000, 1);
  alone.run_all();
  while (machine.job(prefill).done < 0) {
    if (machine.n_open("") < 6) machine.add("", 100, 1);
    machine.step();
  }
  EXPECT_LE(machine.wait(prefill), 7 * alone.wait(reference));  // six of its user's requests at a time
}

TEST(FairQueue, UsersGetEqualSharesWhileOneFloods) {
  for (const int places : {4, 8, 0})
    for (const int others_ask : {1, 2, 5}) {
      Machine machine(places);
      for (int i = 0; i < 100; ++i) machine.add("flood", 150, 60);
      const std::vector<std::string> users{"a", "b", "c"};
      machine.run_until(30);  // the flood was alone
      std::vector<double> before{machine.served("flood")}, after;
      for (const std::string& user : users) before.push_back(machine.served(user));
      while (machine.now() < 900) {
        for (const std::string& user : users)
          while (machine.n_open(user) < others_ask) machine.add(user, 150, 60);
        while (machine.n_open("flood") < 60) machine.add("flood", 150, 60);
        machine.step();
      }
      after.push_back(machine.served("flood") - before[0]);
      for (size_t i = 0; i < 3; ++i) after.push_back(machine.served(users[i]) - before[i + 1]);
      EXPECT_GE(fairness(after), 0.9) << places << " places, others ask for " << others_ask << ": " << after[0] << ", "
                                      << after[1];
    }
}

TEST(FairQueue, ANewUserNeedNotWaitForAPlace) {
  Machine machine(4);
  for (int i = 0; i < 50; ++i) machine.add("flood", 500, 400);
  machine.run_until(60);
  const int64_t id = machine.add("new", 30, 20);
  machine.run_until(machine.now() + 2);
  EXPECT_GE(machine.job(id).first_token, 0);
  EXPECT_LE(machine.wait(id), 1.0);
}

TEST(FairQueue, PlacesAreBounded) {
  FairQueue queue(4);
  for (int64_t id = 0; id < 20; ++id) queue.add({.id = id, .user = "a", .n_prompt = 10});
  queue.admit();
  EXPECT_EQ(queue.order(), (Ids{0, 1, 2, 3}));
  for (int64_t id = 20; id < 40; ++id) queue.add({.id = id, .user = std::to_string(id), .n_prompt = 10});
  queue.admit();
  EXPECT_EQ(queue.order().size(), 5u);
  for (const int64_t id : Ids{0, 1, 2, 3}) queue.remove(id);
  queue.admit();
  EXPECT_EQ(queue.order().size(), 5u);
  for (int64_t id = 0; id < 40; ++id) queue.remove(id);
  queue.admit();
  EXPECT_TRUE(queue.order().empty());
}

TEST(FairQueue, AloneAUserHasAllPlaces) {
  FairQueue queue(0);
  for (int64_t id = 0; id < 20; ++id) queue.add({.id = id, .n_prompt = 10});
  queue.admit();
  EXPECT_EQ(queue.order().size(), 20u);
}

TEST(FairQueue, WeightsDivideThePromptTokens) {
  Machine machine(0);
  machine.add("one", 100000, 1);
  machine.add("three", 100000, 1, 3);
  // Stamps are those of whole requests: many small ones show the shares.
  Machine small(0);
  while (small.now() < 300) {
    while (small.n_open("one") < 4) small.add("one", 200, 1);
    while (small.n_open("three") < 4) small.add("three", 200, 1, 3);
    small.step();
  }
  EXPECT_NEAR(small.served("three") / small.served("one"), 3, 0.5);
}

TEST(FairQueue, ALowPriorityWaitsButNotForEver) {
  Machine machine(2);
  while (machine.now() < 10) {
    while (machine.n_open("urgent") < 4) machine.add("urgent", 100, 10, 1, 1);
    machine.step();
  }
  const int64_t low = machine.add("low", 100, 10, 1, -1);
  const int64_t lowest_of_same = machine.add("urgent", 100, 10, 1, -2);
  while (machine.job(low).done < 0 || machine.job(lowest_of_same).done < 0) {
    while (machine.n_open("urgent") < 5) machine.add("urgent", 100, 10, 1, 1);
    machine.step();
    ASSERT_LT(machine.now(), 1000);
  }
  EXPECT_GT(machine.wait(low), machine.wait(machine.add("low", 100, 1, 1, 4)));
}

TEST(FairQueue, RequestsOfOneUserAreReadInTheOrderOfTheirComingWhereTheyAreAlike) {
  FairQueue queue(0);
  for (int64_t id = 0; id < 5; ++id) queue.add({.id = id, .n_prompt = 100});
  queue.admit();
  EXPECT_EQ(queue.order(), (Ids{0, 1, 2, 3, 4}));
  queue.read(0, 100, 0);
  queue.add({.id = 5, .n_prompt = 100});
  queue.add({.id = 6, .n_prompt = 5});
  queue.admit();
  EXPECT_EQ(queue.order(), (Ids{0, 6, 1, 2, 3, 4, 5}));
}

TEST(FairQueue, ANumberThatIsNotThereIsNothing) {
  FairQueue queue(1);
  queue.remove(7);
  queue.read(7, 5, 0);
  queue.passed(1);
  EXPECT_TRUE(queue.order().empty());
}

TEST(ChunkSize, FindsTheRowsThatTakeTheTime) {
  ChunkSize chunk(512);
  const auto seconds = [](int64_t n) { return 0.05 + 0.01 * static_cast<double>(n); };
  const auto settle = [&](bool beside_others) {
    int64_t n = 0;
    for (int i = 0; i < 30; ++i) {
      n = chunk.rows(beside_others);
      chunk.measured(n, seconds(n));
    }
    return seconds(n);
  };
  EXPECT_NEAR(settle(false), ChunkSize::kSecondsAlone, 0.02);
  EXPECT_NEAR(settle(true), ChunkSize::kSecondsBesideOthers, 0.02);
}

TEST(ChunkSize, StaysWithinItsBounds) {
  ChunkSize fast(512), slow(512), tiny(4);
  for (int i = 0; i < 30; ++i) {
    fast.measured(fast.rows(false), 1e-4);
    slow.measured(slow.rows(true), 100);
  }
  EXPECT_EQ(fast.rows(true), 512);
  EXPECT_EQ(slow.rows(true), 16);
  EXPECT_EQ(tiny.rows(true), 4);
}

TEST(ChunkSize, OneHiccupOrAShortRestChangesLittle) {
  ChunkSize chunk(512);
  for (int i = 0; i < 30; ++i) chunk.measured(chunk.rows(false), static_cast<double>(chunk.rows(false)) / 250);
  EXPECT_EQ(chunk.rows(false), 100);
  chunk.measured(3, 0.06);
  EXPECT_EQ(chunk.rows(false), 100);
  chunk.measured(100, 60);
  EXPECT_EQ(chunk.rows(false), 50);
}

}  // namespace
}  // namespace loam
