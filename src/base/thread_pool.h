// Runs one function on a fixed team of threads; workers spin briefly between jobs, then sleep.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace loam {

class ThreadPool {
 public:
  // `n_threads` counts the caller, which takes part in every job; ≥1.
  explicit ThreadPool(int n_threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const;

  // Calls `job(context, thread)` once on each thread (thread 0 is the caller) and returns when all are done.
  // `job` must not throw; for work that can, catch inside and keep the first exception.
  void run(void (*job)(void* context, int thread), void* context);

  template <class F>
  void run(F&& body) {
    run([](void* f, int thread) { (*static_cast<std::remove_reference_t<F>*>(f))(thread); },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

  // Waits inside a running job until all threads have arrived.
  void barrier();

  // A half-open range of [0, n) for `thread` of `n_threads`, cut at multiples of `grain`.
  struct Range {
    int64_t begin, end;
  };
  static Range split(int64_t n, int64_t grain, int thread, int n_threads);

  // Cores that are not hyper-threads of one another and that this process may use (affinity and cgroup quota
  // respected).
  static int physical_cores();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loam
