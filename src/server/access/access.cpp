#include "server/access/access.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "server/access/key_store.h"
#include "server/http/http_error.h"

namespace loam {
namespace {

constexpr const char* kLocalUser = "local";

// scheme://host[:port], without a path: as browsers send it.
void check_origin(const std::string& origin) {
  const size_t scheme = origin.find("://");
  const bool valid = scheme != std::string::npos && scheme > 0 && scheme + 3 < origin.size() &&
                     origin.find_first_of("/*, ", scheme + 3) == std::string::npos;
  if (!valid)
    throw Error(Error::Code::invalid,
                fmt::format("'{}' is no web page's origin: give scheme://host or scheme://host:port", origin),
                "--origin");
}

// An IPv6 address as Host has it.
std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

// Host names this server where it is `name` with the port that the request came to, or without a port (clients leave
// the usual one out). A name that has a port itself must be that.
bool names(std::string_view host, const std::string& name, uint16_t port) {
  return equal_ignoring_case(host, name) || equal_ignoring_case(host, fmt::format("{}:{}", name, port));
}

[[noreturn]] void refuse_key(const std::string& message) {
  throw HttpError(401, message, "invalid_api_key").with_header("WWW-Authenticate", "Bearer");
}

// The key's text; nothing where there is none.
std::optional<std::string> key_of(const HttpRequest& request) {
  if (request.headers.count("authorization") > 1 || request.headers.count("x-api-key") > 1)
    refuse_key("more than one key was given");
  std::optional<std::string> key;
  if (const std::string* given = request.headers.find("authorization")) {
    constexpr std::string_view kScheme = "bearer ";
    if (!equal_ignoring_case(std::string_view(*given).substr(0, kScheme.size()), kScheme))
      refuse_key("Authorization must be 'Bearer' and a key");
    key = trimmed(std::string_view(*given).substr(kScheme.size()));
  }
  if (const std::string* given = request.headers.find("x-api-key")) {
    if (key && *key != *given) refuse_key("two different keys were given");
    key = *given;
  }
  return key;
}

// A proxy on this machine speaks for somebody else.
bool is_forwarded(const HttpRequest& request) {
  return request.headers.find("forwarded") || request.headers.find("x-forwarded-for") ||
         request.headers.find("x-real-ip");
}

}  // namespace

bool is_loopback_host(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return host == "localhost";
}

Access::Access(AccessOptions options, KeyStore& keys) : options_(std::move(options)), keys_(keys) {
  for (const std::string& origin : options_.origins) check_origin(origin);
}

std::string Access::check_exposure(const std::string& listen_host, bool tls) const {
  if (is_loopback_host(listen_host)) return {};
  if (keys_.is_empty())
    throw Error(Error::Code::invalid,
                fmt::format("{} can be reached from other machines, and there is no key yet: make one with "
                            "`loam keys add NAME --admin`, or leave --host out to serve this machine only",
                            listen_host),
                "--host");
  if (tls) return {};
  return fmt::format(
      "everybody between {} and its clients can read keys and texts: this is plain HTTP. Give a "
      "certificate, or put the server behind something that speaks TLS",
      listen_host);
}

bool Access::is_own_host(const HttpRequest& request, std::string_view host) const {
  const uint16_t port = request.local_port;
  for (const char* name : {"localhost", "127.0.0.1", "[::1]"})
    if (names(host, name, port)) return true;
  // The very address that the client has reached; a foreign name never equals it.
  if (names(host, bracketed(request.local_address), port)) return true;
  return std::ranges::any_of(options_.hosts, [&](const std::string& name) { return names(host, name, port); });
}

std::string Access::check_browser(const HttpRequest& request) const {
  const std::string host(request.headers.get("host"));
  if (!is_own_host(request, host))
    throw HttpError(403, fmt::format("Host '{}' is not a name of this server", host), "host_not_allowed");
  if (request.headers.count("origin") > 1) throw HttpError(403, "more than one Origin", "origin_not_allowed");
  const std::string* origin = request.headers.find("origin");
  if (!origin) return {};
  if (equal_ignoring_case(*origin, (request.is_tls ? "https://" : "http://") + host)) return {};
  if (std::ranges::find(options_.origins, *origin) != options_.origins.end()) return *origin;
  throw HttpError(403, fmt::format("pages of '{}' may not use this server", *origin), "origin_not_allowed");
}

User Access::identify(const HttpRequest& request) const {
  if (keys_.is_empty() && request.peer_is_loopback && !is_forwarded(request))
    return {.name = kLocalUser, .role = Role::admin};
  const std::optional<std::string> key = key_of(request);
  if (!key) refuse_key("a key is needed: send 'Authorization: Bearer KEY' or 'x-api-key: KEY'");
  if (const auto user = keys_.find(*key)) return *user;
  refuse_key("the key is not valid");
}

void Access::check_role(const HttpRequest& request, const User& user, Role role) const {
  if (user.role < role) throw HttpError(403, "this needs an admin's key", "admin_only");
  if (role == Role::admin && !request.peer_is_loopback && !options_.remote_admin)
    throw HttpError(403, "this is answered on the server's own machine only", "local_only");
}

}  // namespace loam
