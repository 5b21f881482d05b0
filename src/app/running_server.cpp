#include "app/running_server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "file/catalogue.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path(loam_home()) / "servers"; }

// The process must still be the one that wrote the record: its number may have gone to another program.
bool is_loam(int pid) {
  std::ifstream in(fmt::format("/proc/{}/comm", pid));
  std::string name;
  return std::getline(in, name) && name == "loam";
}

}  // namespace

RunningServer::RunningServer(std::string address, uint16_t port)
    : address_(std::move(address)), file_(folder() / fmt::format("{}.json", port)) {
  std::error_code ignored;  // the server runs all the same where its record cannot be written
  fs::create_directories(folder(), ignored);
  std::ofstream(file_) << nlohmann::json{{"pid", getpid()}, {"port", port}, {"address", address_}}.dump() << "\n";
}

RunningServer::~RunningServer() {
  std::error_code ignored;
  fs::remove(file_, ignored);
}

std::vector<ServerRecord> running_servers() {
  std::vector<ServerRecord> servers;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder(), none)) {
    std::ifstream in(entry.path());
    const auto json = nlohmann::json::parse(in, nullptr, false);
    if (!json.is_object() || !json.contains("pid") || !json["pid"].is_number_integer()) continue;
    const ServerRecord record{json["pid"], json.value("port", uint16_t{0}), json.value("address", "")};
    if (is_loam(record.pid)) servers.push_back(record);
  }
  std::ranges::sort(servers, {}, &ServerRecord::port);
  return servers;
}

}  // namespace loam
