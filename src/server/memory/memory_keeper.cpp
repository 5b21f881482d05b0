#include "server/memory/memory_keeper.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>

#include "base/error.h"
#include "base/log.h"
#include "server/memory/engine_text_embedder.h"

namespace loam {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kLookWhileBusy = 50ms, kBetweenLooks = 5s, kAfterFailure = 1min;
constexpr int kRestWhileBusy = 19;  // times what the work before it took of a core
// A tenth of a core that others want: who waits for the store's lock, which this thread may hold, does not wait long.
constexpr int kNiceness = 10;
constexpr UnixTime kRest = 120'000;  // ms after which a conversation is thought about

// That it has run, not waited for a core.
std::chrono::nanoseconds time_of_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

MemoryKeeper::MemoryKeeper(MemoryHome* home, MemoryKeeperOptions options) : home_(home), options_(std::move(options)) {
  if (home_ != nullptr) thread_ = std::thread([this] { run(); });
}

MemoryKeeper::~MemoryKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void MemoryKeeper::load_embedder() {
  if (options_.embedding_model.empty()) return;
  try {
    EmbedderOptions options;
    options.n_threads = 1;  // beside the models that answer
    const std::string name = std::filesystem::path(options_.embedding_model).filename();
    home_->use_embedder(std::make_shared<EngineTextEmbedder>(Embedder::load(options_.embedding_model, options), name));
  } catch (const Error& error) {
    log(LogLevel::warning, "recall goes by words only", {{"model", options_.embedding_model}, {"error", error.what()}});
  }
}

bool MemoryKeeper::work() {
  bool worked = false;
  for (const auto& memory : home_->opened()) {
    worked |= memory->catch_up(options_.is_busy);
    if (!worked && options_.think && !options_.is_busy()) worked |= memory->reflect(options_.think, unix_now() - kRest);
  }
  return worked;
}

bool MemoryKeeper::pause(std::chrono::nanoseconds most, const std::function<bool()>& until) {
  const auto end = std::chrono::steady_clock::now() + most;
  std::unique_lock lock(mutex_);
  while (!stopping_ && std::chrono::steady_clock::now() < end && !(until && until())) {
    const auto next = until ? std::min(end, std::chrono::steady_clock::now() + kLookWhileBusy) : end;
    changed_.wait_until(lock, next, [this] { return stopping_; });
  }
  return !stopping_;
}

void MemoryKeeper::run() {
  setpriority(PRIO_PROCESS, 0, kNiceness);  // on Linux of this thread alone
  load_embedder();
  const auto is_idle = [this] { return !options_.is_busy(); };
  bool goes_on = pause(0ns);
  while (goes_on) {
    try {
      const std::chrono::nanoseconds begin = time_of_thread();
      goes_on = work() ? pause(kRestWhileBusy * (time_of_thread() - begin), is_idle) : pause(kBetweenLooks);
    } catch (const Error& error) {
      log(LogLevel::error, "memory's idle work failed", {{"error", error.what()}});
      goes_on = pause(kAfterFailure);
    }
  }
}

}  // namespace loam
