// loam ps and loam stop: the servers that run on this machine, and the end of one.
#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/command.h"
#include "app/output.h"
#include "app/running_server.h"
#include "base/error.h"

namespace loam {
namespace {

void list_servers(bool as_json) {
  const std::vector<ServerRecord> servers = running_servers();
  if (as_json) {
    auto list = nlohmann::ordered_json::array();
    for (const ServerRecord& s : servers) list.push_back({{"pid", s.pid}, {"port", s.port}, {"address", s.address}});
    return print(list.dump() + "\n");
  }
  if (servers.empty()) return print("no server runs; `loam serve` starts one\n");
  std::string text = fmt::format("{:<8} {}\n", "PID", "ADDRESS");
  for (const ServerRecord& s : servers) text += fmt::format("{:<8} {}\n", s.pid, s.address);
  print(text);
}

// The one that is meant: by port, or the only one.
ServerRecord find_server(int port) {
  const std::vector<ServerRecord> servers = running_servers();
  if (servers.empty()) throw Error(Error::Code::not_found, "no server runs", "stop");
  if (port == 0 && servers.size() > 1)
    throw Error(Error::Code::invalid,
                fmt::format("{} servers run; say which with --port (`loam ps` lists them)", servers.size()), "--port");
  for (const ServerRecord& s : servers)
    if (port == 0 || s.port == port) return s;
  throw Error(Error::Code::not_found, fmt::format("no server runs on port {}; `loam ps` lists them", port), "--port");
}

void stop_server(int port) {
  const ServerRecord server = find_server(port);
  if (kill(server.pid, SIGTERM) != 0)
    throw Error(Error::Code::io,
                fmt::format("the server's process {} cannot be told to stop: {}", server.pid, std::strerror(errno)),
                "stop");
  print(fmt::format("{} stops once the answers under way are done\n", server.address));
}

}  // namespace

void add_ps(Command& app) {
  auto as_json = std::make_shared<bool>(false);
  Command* command = app.add_subcommand("ps", "list the servers that run on this machine");
  command->add_flag("--json", *as_json, "as JSON");
  command->footer("Examples:\n  loam ps\n  loam ps --json");
  command->callback([as_json] { list_servers(*as_json); });
}

void add_stop(Command& app) {
  auto port = std::make_shared<int>(0);
  Command* command = app.add_subcommand("stop", "stop a server that runs on this machine");
  command->add_option("--port", *port, "of the server (default: the only one)")->type_name("N");
  command->footer("Examples:\n  loam stop\n  loam stop --port 8081");
  command->callback([port] { stop_server(*port); });
}

}  // namespace loam
