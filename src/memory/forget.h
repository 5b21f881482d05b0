// Which turns a user wants forgotten. TurnStore::erase then leaves no byte of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "memory/store/turn_store.h"
#include "memory/turn_filter.h"

namespace loam {

struct ForgetRequest {
  TurnFilter turns;
  std::string query;     // turns that hold all of its words, in any of their forms; empty: whatever they say
  std::string document;  // chunks of the document with this path or title; empty: all turns
};

// In the order of their ids.
std::vector<TurnId> find_to_forget(TurnStore& store, const ForgetRequest& request);

}  // namespace loam
