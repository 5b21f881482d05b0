// The users' memories as the server keeps them: whose is whose, and the thread that writes what models have said.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "memory/memory_home.h"
#include "server/access/user.h"
#include "server/http/exchange.h"

namespace loam {

class MemoryService {
 public:
  // `folder`: holds a folder for each user; "": nothing is remembered. `shared_folder`: as MemoryHome.
  MemoryService(const std::string& folder, const std::string& shared_folder);
  ~MemoryService();  // writes what is still to be written
  MemoryService(const MemoryService&) = delete;
  MemoryService& operator=(const MemoryService&) = delete;

  bool is_on() const { return home_ != nullptr; }
  MemoryHome* home() { return home_.get(); }  // null where nothing is remembered
  // The memory of who asks; null where nothing is remembered. As long as there are no keys, the header X-Loam-User says
  // who of those on this machine it is. X-Loam-Shared means what all users share: HttpError(403) for who is no admin.
  // Error(invalid); Error(io) where the memory cannot be opened, as where another
  // loam has it.
  std::shared_ptr<Memory> of(const User& user, const HttpRequest& request);
  // Whose that is.
  static const std::string& name_of(const User& user, const HttpRequest& request);
  // The same for a chat, which goes on unremembered where the memory cannot be opened: the log and the header
  // X-Loam-Memory of the answer say so.
  std::shared_ptr<Memory> for_chat(const User& user, HttpExchange& exchange);

  // Runs on the writing thread, one after another; must not throw. Models do not wait for the disk.
  void write(std::function<void()> job);

 private:
  void run();

  std::unique_ptr<MemoryHome> home_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::map<std::string, std::chrono::steady_clock::time_point> closed_until_;  // users whose memory did not open
  std::thread writer_;                                                         // last: it uses all of the above
};

}  // namespace loam
