// MemoryKeeper: does for all users' memories what can wait, while nobody asks anything; beside an answer very little.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "memory/memory_home.h"
#include "memory/reflection/reflection.h"

namespace loam {

struct MemoryKeeperOptions {
  std::string embedding_model;    // its file or folder; "": recall goes by words only
  std::function<bool()> is_busy;  // somebody waits for an answer
  Think think;                    // with a model that is loaded
};

// One thread of a low priority. Failures are logged, and tried again later.
class MemoryKeeper {
 public:
  // `home` may be null: then there is nothing to do.
  MemoryKeeper(MemoryHome* home, MemoryKeeperOptions options);
  ~MemoryKeeper();
  MemoryKeeper(const MemoryKeeper&) = delete;
  MemoryKeeper& operator=(const MemoryKeeper&) = delete;

 private:
  void run();
  void load_embedder();
  bool work();  // → whether something was done
  // Shorter where `until` is true earlier. → false where it ends.
  bool pause(std::chrono::nanoseconds most, const std::function<bool()>& until = {});

  MemoryHome* const home_;
  const MemoryKeeperOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace loam
