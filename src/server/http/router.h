// Which handler answers which request, and who may ask: an explicit list of routes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/access/user.h"
#include "server/http/call.h"
#include "server/http/exchange.h"
#include "server/http/http_error.h"

namespace loam {

class Access;

struct Route {
  std::string method;  // GET serves HEAD, too
  // "/v1/models/{id...}": {name} is one segment, {name...} at the end all that are left, with their slashes.
  std::string pattern;
  Role needed = Role::user;            // none: no key; a user is only known where a valid key was sent
  std::function<void(Call&)> handler;  // may throw HttpError and Error; on a worker thread
  ErrorStyle style = ErrorStyle::openai;
  bool quick = false;  // answers within a millisecond, without waiting: not kept from it by slow requests
};

class Router {
 public:
  // Of two routes that match, the first counts.
  Router(std::vector<Route> routes, const Access& access);

  // For HttpServer: what a request's head decides. In this order: Host and Origin 403, key 401, path 404, method 405,
  // role 403, type of the body 415; and the answers to OPTIONS.
  HttpAdmission admit(const HttpRequest& request) const;
  // Calls the route's handler. What it throws becomes an error in the route's style; the unforeseen a 500 with the
  // request's id and a line in the log.
  void handle(std::shared_ptr<HttpExchange> exchange) const;

 private:
  struct Decision;
  using Parameters = Call::Parameters;

  Decision decide(const HttpRequest& request) const;
  void find_route(const HttpRequest& request, Decision& decision) const;
  void check(const HttpRequest& request, Decision& decision) const;
  void call(const std::shared_ptr<HttpExchange>& exchange, Decision decision) const;

  std::vector<Route> routes_;
  const Access& access_;
};

// Whether a decoded path matches a route's pattern, and what its {names} stand for.
std::optional<Call::Parameters> match_pattern(std::string_view pattern, std::string_view path);

}  // namespace loam
