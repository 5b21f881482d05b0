#include "server/memory/memory_service.h"

#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "server/http/http_error.h"

namespace loam {
namespace {

constexpr auto kRetryAfter = std::chrono::seconds(30);  // opening waits a moment for another loam to end

}  // namespace

MemoryService::MemoryService(const std::string& folder, const std::string& shared_folder) {
  if (folder.empty()) return;
  home_ = std::make_unique<MemoryHome>(folder, shared_folder);
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
  if (request.headers.find("X-Loam-Shared") != nullptr) {
    if (user.role != Role::admin)
      throw HttpError(403, "only an admin changes what all users share", "permission_error");
    return home_->shared();
  }
  return home_->of(name_of(user, request));
}

const std::string& MemoryService::name_of(const User& user, const HttpRequest& request) {
  const std::string* named = user.has_key ? nullptr : request.headers.find("X-Loam-User");
  return named != nullptr ? *named : user.name;
}

std::shared_ptr<Memory> MemoryService::for_chat(const User& user, HttpExchange& exchange) {
  using Clock = std::chrono::steady_clock;
  {
    const std::lock_guard lock(mutex_);
    const auto closed = closed_until_.find(user.name);
    if (closed != closed_until_.end() && Clock::now() < closed->second) {
      exchange.set_header("X-Loam-Memory", "unavailable");
      return nullptr;
    }
  }
  try {
    return of(user, exchange.request());
  } catch (const Error& error) {
    if (error.code() != Error::Code::io) throw;
    log(LogLevel::warning, "memory unavailable", {{"user", user.name}, {"error", error.what()}});
    exchange.set_header("X-Loam-Memory", "unavailable");
    const std::lock_guard lock(mutex_);
    closed_until_[user.name] = Clock::now() + kRetryAfter;
    return nullptr;
  }
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
