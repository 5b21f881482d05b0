#include "server/routes/response_store.h"

#include <nlohmann/json.hpp>

#include "server/routes/sse.h"

namespace loam {
namespace {

constexpr size_t kMostBytes = 64 << 20;

// Names of users hold no line ends.
std::string key_of(const std::string& user, const std::string& id) { return user + "\n" + id; }

}  // namespace

void ResponseStore::drop(std::map<std::string, Held>::iterator held) {
  bytes_ -= held->second.bytes;
  ages_.erase(held->second.age);
  entries_.erase(held);
}

void ResponseStore::put(const std::string& user, const std::string& id, Entry entry) {
  const size_t bytes = to_text(entry.messages).size() + to_text(entry.response).size();
  const std::lock_guard lock(mutex_);
  while (!ages_.empty() && bytes_ + bytes > kMostBytes) drop(entries_.find(ages_.front()));
  const std::string key = key_of(user, id);
  if (const auto held = entries_.find(key); held != entries_.end()) drop(held);
  ages_.push_back(key);
  entries_.emplace(key, Held{std::move(entry), bytes, std::prev(ages_.end())});
  bytes_ += bytes;
}

std::optional<ResponseStore::Entry> ResponseStore::find(const std::string& user, const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto held = entries_.find(key_of(user, id));
  if (held == entries_.end()) return std::nullopt;
  return held->second.entry;
}

bool ResponseStore::erase(const std::string& user, const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto held = entries_.find(key_of(user, id));
  if (held == entries_.end()) return false;
  drop(held);
  return true;
}

}  // namespace loam
