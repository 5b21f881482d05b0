#include "server/generation/admission.h"

#include <fmt/format.h>

#include "server/http/http_error.h"

namespace loam {
namespace {

constexpr const char* kRetrySeconds = "2";

[[noreturn]] void send_away(int status, const std::string& message, const char* code) {
  throw HttpError(status, message, code).with_header("Retry-After", kRetrySeconds);
}

}  // namespace

Admission::Ticket Admission::admit(const User& user) {
  const std::lock_guard lock(mutex_);
  const auto found = by_user_.find(user.name);
  const int n_of_user = found == by_user_.end() ? 0 : found->second;
  if (user.has_key && n_of_user >= most_of_user_)
    send_away(
        429,
        fmt::format("{} of your requests are under way, as many as may be; try again when one has ended", n_of_user),
        "rate_limit_exceeded");
  if (n_under_way_ >= most_)
    send_away(503,
              fmt::format("{} requests are under way, as many as this server takes; try again later", n_under_way_),
              "server_busy");
  ++n_under_way_;
  ++by_user_[user.name];
  return Ticket(nullptr, [this, name = user.name](void*) { leave(name); });
}

void Admission::leave(const std::string& user) {
  const std::lock_guard lock(mutex_);
  --n_under_way_;
  if (--by_user_[user] == 0) by_user_.erase(user);
}

int Admission::n_under_way() const {
  const std::lock_guard lock(mutex_);
  return n_under_way_;
}

std::map<std::string, int> Admission::by_user() const {
  const std::lock_guard lock(mutex_);
  return by_user_;
}

}  // namespace loam
