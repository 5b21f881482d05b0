// MemoryHome: the memories of all users, each in a folder of its own, opened when it is first asked for.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "memory/memory.h"

namespace loam {

class MemoryHome {
 public:
  // `folder`: holds a folder for each user ("$LOAM_HOME/users"). `shared_folder`: of documents that all may read
  // ("$LOAM_HOME/shared"); "" or one that does not exist: there are none.
  explicit MemoryHome(std::string folder, std::string shared_folder = "")
      : folder_(std::move(folder)), shared_folder_(std::move(shared_folder)) {}

  // Error(invalid) for a name that is no user's, Error(io) where the file cannot be opened or another program has it.
  std::shared_ptr<Memory> of(const std::string& user);
  // Documents of all users; made where they are missing. Error(invalid) where there is no folder for them.
  std::shared_ptr<Memory> shared();
  std::vector<std::shared_ptr<Memory>> opened() const;
  std::vector<std::string> users() const;  // who have a memory, opened or not
  const std::string& folder() const { return folder_; }
  // For all memories, also those that are opened later.
  void use_embedder(std::shared_ptr<TextEmbedder> embedder);

 private:
  std::shared_ptr<Memory> open_shared(bool make);

  const std::string folder_, shared_folder_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Memory>> memories_;
  std::shared_ptr<Memory> shared_;
  std::shared_ptr<TextEmbedder> embedder_;
};

// Letters, digits, '.', '_' and '-', at most 64, not beginning with '.' or '-': safe as a folder's name.
bool is_memory_user(std::string_view name);

}  // namespace loam
