// Who may ask the server for what: keys, and what keeps web pages from using a browser as their hand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/access/user.h"
#include "server/http/exchange.h"

namespace loam {

class KeyStore;

struct AccessOptions {
  std::vector<std::string> hosts;    // further names that Host may have: "llm.example.org", or with a port
  std::vector<std::string> origins;  // web pages that may ask: "https://chat.example.org"; never "*"
  bool remote_admin = false;         // admin routes for other machines than this one
};

class Access {
 public:
  // Error(invalid) for an origin that is not scheme://host[:port].
  Access(AccessOptions options, KeyStore& keys);

  // Error(invalid) where the server would be open to other machines without any key. → a warning, or "".
  std::string check_exposure(const std::string& listen_host, bool tls) const;

  // HttpError(403) for a Host that is not this server's (somebody's DNS may point at us), and for a page's Origin that
  // is neither this server's nor configured. → the configured origin that asks, or "".
  std::string check_browser(const HttpRequest& request) const;

  // Who holds the request's key, `Authorization: Bearer KEY` or `x-api-key: KEY`. As long as there are no keys,
  // everybody on this machine is its admin. HttpError(401).
  User identify(const HttpRequest& request) const;

  // HttpError(403) where the user may not do what needs `role`.
  void check_role(const HttpRequest& request, const User& user, Role role) const;

 private:
  bool is_own_host(const HttpRequest& request, std::string_view host) const;

  const AccessOptions options_;
  KeyStore& keys_;
};

// 127.0.0.0/8, ::1 and "localhost".
bool is_loopback_host(const std::string& host);

}  // namespace loam
