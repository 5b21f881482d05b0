#include "server/memory/memory_service.h"

#include <utility>

namespace loam {

MemoryService::MemoryService(const std::string& folder) {
  if (folder.empty()) return;
  home_ = std::make_unique<MemoryHome>(folder);
  writer_ = std::thread([this] { run(); });
}

MemoryService::~MemoryService() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (writer_.joinable()) writer_.join();
}

std::shared_ptr<Memory> MemoryService::of(const User& user, const HttpRequest& request) {
  if (!is_on() || user.role == Role::none) return nullptr;
  const std::string* named = user.has_key ? nullptr : request.headers.find("X-Loam-User");
  return home_->of(named != nullptr ? *named : user.name);
}

void MemoryService::write(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void MemoryService::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace loam
