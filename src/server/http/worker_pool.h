// Threads for request handlers: as many as are busy at a time, and one kept for quick ones.
#pragma once

#include <functional>
#include <memory>

namespace loam {

class WorkerPool {
 public:
  using Job = std::function<void()>;  // must not throw

  explicit WorkerPool(int max_workers);
  ~WorkerPool();  // stop()
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs the job on a free thread, starting one where none is free and fewer than `max_workers` run; else it waits.
  void submit(Job job);
  // Runs the job on the thread that only such jobs use.
  void submit_quick(Job job);
  // Drops what waits, and returns once the jobs that run are done; later jobs are dropped, too.
  void stop();

 private:
  class Team;
  std::unique_ptr<Team> slow_, quick_;
};

}  // namespace loam
