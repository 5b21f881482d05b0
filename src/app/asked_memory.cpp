#include "app/asked_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/interrupt.h"
#include "app/running_server.h"
#include "base/error.h"
#include "file/catalogue.h"
#include "file/http_client.h"
#include "memory/memory_home.h"
#include "server/memory/memory_api.h"

namespace loam {
namespace {

std::string api_key() {
  const char* key = std::getenv("LOAM_API_KEY");
  return key != nullptr ? key : "";
}

[[noreturn]] void throw_refusal(const std::string& address, long status, const std::string& body) {
  const Json reply = Json::parse(body, nullptr, false);
  const Json fault = reply.is_object() ? reply.value("error", Json()) : Json();
  const std::string said = fault.is_object() ? fault.value("message", "") : fault.is_string() ? std::string(fault) : "";
  throw Error(status == 404 ? Error::Code::not_found : Error::Code::invalid,
              said.empty() ? fmt::format("{} answers with HTTP status {}", address, status) : said,
              fault.is_object() && fault.contains("param") && fault["param"].is_string() ? std::string(fault["param"])
                                                                                         : address);
}

// The name and value as a part of a query.
std::string query_part(std::string_view name, const std::string& value) {
  std::string part = fmt::format("{}=", name);
  for (const char c : value) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    part += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return part + "&";
}

std::string export_query(const ExportRequest& request) {
  const TrainingFilter& filter = request.filter;
  const TurnFilter &turns = filter.turns, all;
  std::string query = query_part("format", request.as_conversations ? "chat" : "loam");
  if (!turns.space.empty()) query += query_part("namespace", turns.space);
  if (!turns.session.empty()) query += query_part("session", turns.session);
  if (turns.since != all.since) query += query_part("since", fmt::to_string(std::max<UnixTime>(turns.since, 0)));
  if (turns.until != all.until) query += query_part("until", fmt::to_string(std::max<UnixTime>(turns.until, 0)));
  query += query_part("min_length", fmt::to_string(filter.min_characters));
  query += query_part("own", filter.with_imports ? "false" : "true");
  return query + query_part("any", filter.only_good ? "false" : "true");
}

}  // namespace

void add_owner_options(Command& command, MemoryOwner& owner) {
  command.add_option("--user", owner.user, "whose memory it is")->type_name("NAME")->capture_default_str();
  command.add_flag("--shared", owner.shared, "the memory that all users see");
}

AskedMemory::AskedMemory(MemoryOwner owner) : owner_(std::move(owner)) {
  if (!is_memory_user(owner_.user))
    throw Error(Error::Code::invalid, fmt::format("'{}' is no user's name", owner_.user), "--user");
  for (const ServerRecord& server : running_servers()) {
    if (!is_served_at(server.address)) continue;
    server_ = server.address;
    return;
  }
  open();
}

// One request of the server's. → none where the body went to `sink`.
std::optional<Json> AskedMemory::ask(const std::string& address, const std::string& path, const std::string& body,
                                     const LineSink& sink) const {
  ClientRequest request{.url = address + "/v1/memory/" + path, .json = body, .bearer_token = api_key()};
  request.headers = {owner_.shared ? "X-Loam-Shared: yes" : "X-Loam-User: " + owner_.user};
  std::string whole;
  const ClientReply reply = send_request(
      request,
      [&](std::string_view bytes) {
        sink ? sink(bytes) : static_cast<void>(whole += bytes);
        return true;
      },
      [] { return !interrupted(); });
  if (reply.status / 100 != 2) throw_refusal(address, reply.status, reply.body);
  return sink ? std::nullopt : std::optional(Json::parse(whole));
}

// A server that remembers nothing, or is gone meanwhile, is no reason to fail.
bool AskedMemory::is_served_at(const std::string& address) try {
  const Json stats = *ask(address, "stats", "{}", {});
  const std::string user = stats.value("user", "");
  if (!owner_.shared && user != owner_.user)
    throw Error(Error::Code::invalid,
                fmt::format("the key in LOAM_API_KEY is {0}'s, and {1} shows nobody another's memory: say --user {0}, "
                            "or give {2}'s key",
                            user, address, owner_.user),
                "--user");
  return true;
} catch (const Error& error) {
  if (error.where() == "--user" || error.code() == Error::Code::cancelled) throw;
  refused_ = fmt::format("{} does not tell: {}", address, error.message());
  return false;
}

void AskedMemory::open() try {
  here_ =
      owner_.shared ? std::make_shared<Memory>(shared_memory_folder()) : MemoryHome(memory_folder()).of(owner_.user);
} catch (const Error& error) {
  if (error.code() != Error::Code::io || refused_.empty()) throw;
  throw Error(Error::Code::io,
              fmt::format("{}. {}. With keys, set LOAM_API_KEY to {}'s", error.message(), refused_, owner_.user),
              error.where());
}

Json AskedMemory::call(std::string_view operation) const { return call(operation, Json::object()); }

Json AskedMemory::call(std::string_view operation, const Json& arguments) const {
  if (here_) return call_memory(*here_, operation, arguments);
  return *ask(server_, std::string(operation), arguments.dump(-1, ' ', false, Json::error_handler_t::replace), {});
}

std::string AskedMemory::export_to(const ExportRequest& request, const LineSink& sink) const {
  if (here_) return export_memory(here_->turns(), request, sink);
  int64_t n_lines = 0;
  ask(server_, "export?" + export_query(request), "", [&](std::string_view bytes) {
    n_lines += std::ranges::count(bytes, '\n');
    sink(bytes);
  });
  return fmt::format("{} {}", n_lines, request.as_conversations ? "lines of conversations" : "turns");
}

}  // namespace loam
