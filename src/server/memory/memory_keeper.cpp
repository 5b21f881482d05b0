#include "server/memory/memory_keeper.h"

#include <sys/resource.h>

#include <chrono>
#include <filesystem>

#include "base/error.h"
#include "base/log.h"
#include "server/memory/engine_text_embedder.h"

namespace loam {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kWhileBusy = 200ms, kBetweenLooks = 5s, kAfterFailure = 1min;
constexpr UnixTime kRest = 120'000;  // ms after which a conversation is thought about

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
    worked |= memory->catch_up();
    if (!worked && options_.think) worked |= memory->reflect(options_.think, unix_now() - kRest);
  }
  return worked;
}

bool MemoryKeeper::pause(std::chrono::milliseconds at_least) {
  std::unique_lock lock(mutex_);
  const auto stops = [this] { return stopping_; };
  changed_.wait_for(lock, at_least, stops);
  while (!stopping_ && options_.is_busy()) changed_.wait_for(lock, kWhileBusy, stops);
  return !stopping_;
}

void MemoryKeeper::run() {
  setpriority(PRIO_PROCESS, 0, 19);  // on Linux this thread's alone
  load_embedder();
  std::chrono::milliseconds rest = kBetweenLooks;
  while (pause(rest)) {
    try {
      rest = work() ? 0ms : kBetweenLooks;
    } catch (const Error& error) {
      log(LogLevel::error, "memory's idle work failed", {{"error", error.what()}});
      rest = kAfterFailure;
    }
  }
}

}  // namespace loam
