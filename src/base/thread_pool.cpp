#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"

namespace loam {
namespace {

// About 50 µs of pauses: longer than the serial gaps between the operations of a layer, short enough to leave a shared
// core to others when there is nothing to do.
constexpr int kSpins = 1500;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns once `value` differs from `old`: spins first, then sleeps in the kernel.
uint32_t wait_for_change(const std::atomic<uint32_t>& value, uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const uint32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

struct ThreadPool::State {
  explicit State(int n) : n_threads(n) {}

  const int n_threads;
  void (*job)(void*, int) = nullptr;
  void* context = nullptr;
  bool stopping = false;
  alignas(64) std::atomic<uint32_t> generation{0};  // one more for every job
  alignas(64) std::atomic<uint32_t> arrived{0};
  alignas(64) std::atomic<uint32_t> phase{0};  // one more for every completed barrier
  std::vector<std::thread> workers;

  void work(int thread) {
    for (uint32_t seen = 0;;) {
      seen = wait_for_change(generation, seen);
      if (stopping) return;
      job(context, thread);
      meet();
    }
  }

  void meet() {
    const uint32_t now = phase.load(std::memory_order_relaxed);
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<uint32_t>(n_threads)) {
      arrived.store(0, std::memory_order_relaxed);
      phase.store(now + 1, std::memory_order_release);
      phase.notify_all();
    } else {
      wait_for_change(phase, now);
    }
  }

  void announce() {
    generation.fetch_add(1, std::memory_order_release);
    generation.notify_all();
  }
};

ThreadPool::ThreadPool(int n_threads) : state_(std::make_unique<State>(n_threads)) {
  LOAM_CHECK(n_threads >= 1);
  for (int i = 1; i < n_threads; ++i) state_->workers.emplace_back([this, i] { state_->work(i); });
}

ThreadPool::~ThreadPool() {
  state_->stopping = true;
  state_->announce();
  for (std::thread& worker : state_->workers) worker.join();
}

int ThreadPool::size() const { return state_->n_threads; }

void ThreadPool::run(void (*job)(void*, int), void* context) {
  if (state_->n_threads == 1) return job(context, 0);
  state_->job = job;
  state_->context = context;
  state_->announce();
  job(context, 0);
  state_->meet();
}

void ThreadPool::barrier() {
  if (state_->n_threads > 1) state_->meet();
}

ThreadPool::Range ThreadPool::split(int64_t n, int64_t grain, int thread, int n_threads) {
  const int64_t grains = (n + grain - 1) / grain;
  const int64_t begin = grains * thread / n_threads, end = grains * (thread + 1) / n_threads;
  return {std::min(begin * grain, n), std::min(end * grain, n)};
}

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// CPUs' worth of time that the cgroup allows; 0 where there is no limit.
double cgroup_cpus() {
  double quota = 0, period = 0;
  std::ifstream v2("/sys/fs/cgroup/cpu.max");
  if (v2 >> quota >> period && period > 0) return quota / period;
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (v1_quota >> quota && v1_period >> period && quota > 0 && period > 0) return quota / period;
  return 0;
}

}  // namespace

int ThreadPool::physical_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::set<std::string> cores;  // each core by the list of its hyper-threads
  int unnamed = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    const std::string siblings = first_line(topology + "thread_siblings_list");
    if (siblings.empty())
      ++unnamed;
    else
      cores.insert(siblings);
  }
  int n = std::max(1, static_cast<int>(cores.size()) + unnamed);
  if (const double limit = cgroup_cpus(); limit > 0) n = std::clamp(static_cast<int>(std::ceil(limit)), 1, n);
  return n;
}

}  // namespace loam
