// How many requests may be under way: a bound for each user and one for all, beyond which they are sent away.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "server/access/user.h"

namespace loam {

class Admission {
 public:
  Admission(int most, int most_of_user) : most_(most), most_of_user_(most_of_user) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // Counted until the ticket's last owner lets go of it. HttpError(429) with Retry-After where the holder of a key has
  // too many requests under way, HttpError(503) where all have. Must outlive its tickets.
  using Ticket = std::shared_ptr<void>;
  Ticket admit(const User& user);

  int n_under_way() const;
  std::map<std::string, int> by_user() const;  // those who have any

 private:
  void leave(const std::string& user);

  const int most_, most_of_user_;
  mutable std::mutex mutex_;
  int n_under_way_ = 0;
  std::map<std::string, int> by_user_;
};

}  // namespace loam
