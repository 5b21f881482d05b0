// Who asks.
#pragma once

#include <string>

namespace loam {

enum class Role { none, user, admin };  // each may do what those before it may

struct User {
  std::string name;  // "" for somebody unknown, who may only ask for what needs no key
  Role role = Role::none;
  bool has_key = false;  // false: everybody on this machine, as long as there are no keys
};

}  // namespace loam
