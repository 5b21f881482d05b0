// The conversations behind the answers of /v1/responses, for requests that go on from one.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "server/api/schema.h"

namespace loam {

// In memory, the oldest are forgotten. A user's are nobody else's.
class ResponseStore {
 public:
  struct Entry {
    Json response;  // as it was answered
    Json messages;  // the whole conversation, with the answer, without instructions
  };

  void put(const std::string& user, const std::string& id, Entry entry);
  std::optional<Entry> find(const std::string& user, const std::string& id) const;
  bool erase(const std::string& user, const std::string& id);

 private:
  struct Held {
    Entry entry;
    size_t bytes;
    std::list<std::string>::iterator age;
  };

  void drop(std::map<std::string, Held>::iterator held);

  mutable std::mutex mutex_;
  std::map<std::string, Held> entries_;  // by user and id
  std::list<std::string> ages_;          // the oldest first
  size_t bytes_ = 0;
};

}  // namespace loam
