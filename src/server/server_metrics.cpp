#include "server/server_metrics.h"

namespace loam {

void ServerMetrics::record(const std::string& user, const Usage& usage) {
  const std::lock_guard lock(mutex_);
  Counts& c = by_user_[user];
  ++c.answers;
  c.prompt_tokens += static_cast<uint64_t>(usage.prompt_tokens);
  c.cached_tokens += static_cast<uint64_t>(usage.cached_tokens);
  c.completion_tokens += static_cast<uint64_t>(usage.completion_tokens);
  c.prompt_seconds += usage.prompt_seconds;
  c.seconds += usage.seconds;
}

void ServerMetrics::record_failure(const std::string& user, const Error&) {
  const std::lock_guard lock(mutex_);
  ++by_user_[user].failures;
}

std::map<std::string, ServerMetrics::Counts> ServerMetrics::by_user() const {
  const std::lock_guard lock(mutex_);
  return by_user_;
}

double ServerMetrics::uptime_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

}  // namespace loam
