#include "memory/memory_home.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace loam {

bool is_memory_user(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, is_allowed);
}

std::shared_ptr<Memory> MemoryHome::of(const std::string& user) {
  if (!is_memory_user(user))
    throw Error(Error::Code::invalid,
                fmt::format("'{}' is no user's name; expected up to 64 letters, digits, '.', '_' and '-'", user),
                "user");
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Memory>& memory = memories_[user];
  if (!memory) {
    memory = std::make_shared<Memory>(folder_ + "/" + user);
    memory->use_embedder(embedder_);
    memory->use_shared(open_shared(false));
  }
  return memory;
}

// Under the mutex.
std::shared_ptr<Memory> MemoryHome::open_shared(bool make) {
  if (shared_ || shared_folder_.empty()) return shared_;
  if (!make && !std::filesystem::exists(shared_folder_ + "/mem.db")) return nullptr;
  shared_ = std::make_shared<Memory>(shared_folder_);
  shared_->use_embedder(embedder_);
  for (const auto& [user, memory] : memories_)
    if (memory) memory->use_shared(shared_);
  return shared_;
}

std::shared_ptr<Memory> MemoryHome::shared() {
  const std::lock_guard lock(mutex_);
  if (shared_folder_.empty()) throw Error(Error::Code::invalid, "there is no folder for shared documents", "shared");
  return open_shared(true);
}

void MemoryHome::use_embedder(std::shared_ptr<TextEmbedder> embedder) {
  const std::lock_guard lock(mutex_);
  embedder_ = std::move(embedder);
  for (const auto& [user, memory] : memories_)
    if (memory) memory->use_embedder(embedder_);
  if (shared_) shared_->use_embedder(embedder_);
}

std::vector<std::string> MemoryHome::users() const {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, none))
    if (is_memory_user(entry.path().filename().string())) names.push_back(entry.path().filename());
  return names;
}

std::vector<std::shared_ptr<Memory>> MemoryHome::opened() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Memory>> all;
  for (const auto& [user, memory] : memories_)
    if (memory) all.push_back(memory);
  if (shared_) all.push_back(shared_);
  return all;
}

}  // namespace loam
