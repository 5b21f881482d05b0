// A file that tells `loam ps` and `loam stop` of the servers that run: $LOAM_HOME/servers/PORT.json, while they do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loam {

struct ServerRecord {
  int pid = 0;
  uint16_t port = 0;
  std::string address;  // "http://127.0.0.1:8080"
};

// While it lives, this process's server is on record.
class RunningServer {
 public:
  RunningServer(std::string address, uint16_t port);
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;
  const std::string& address() const { return address_; }

 private:
  const std::string address_, file_;
};

// By port. Records of processes that are gone, or are no servers of loam, are left out.
std::vector<ServerRecord> running_servers();

}  // namespace loam
