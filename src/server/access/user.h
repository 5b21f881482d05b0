// Who asks, and how much they may ask for.
#pragma once

#include <string>

namespace loam {

enum class Role { none, user, admin };  // each may do what those before it may

struct UserLimits {
  int in_flight = 8;  // requests that run at a time
  int queued = 8;     // and that wait for their turn
};

struct User {
  std::string name;  // "" for somebody unknown, who may only ask for what needs no key
  Role role = Role::none;
  UserLimits limits;
};

}  // namespace loam
