#include "server/http/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "server/access/access.h"

namespace loam {
namespace {

// Cuts the first segment, and the '/' behind it, off `rest`. → nothing once there are no more.
std::optional<std::string_view> next_segment(std::optional<std::string_view>& rest) {
  if (!rest) return {};
  const size_t slash = rest->find('/');
  const std::string_view segment = rest->substr(0, slash);
  if (slash == std::string_view::npos) {
    rest.reset();
  } else {
    rest->remove_prefix(slash + 1);
  }
  return segment;
}

bool is_name(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

bool has_body(const HttpRequest& request) {
  return request.headers.find("transfer-encoding") ||
         request.headers.get("content-length").find_first_not_of('0') != std::string_view::npos;
}

// What curl -d and bare clients send; no browser does so without telling where the page is from.
bool may_leave_type_out(const HttpRequest& request) {
  return !request.headers.find("origin") && !request.headers.find("sec-fetch-site") && !request.headers.find("referer");
}

// A page can make a browser send text/plain to any server without asking first, but not JSON.
void check_body_type(const HttpRequest& request) {
  if (!has_body(request)) return;
  const std::string_view coding = request.headers.get("content-encoding");
  if (!coding.empty() && !equal_ignoring_case(coding, "identity"))
    throw HttpError(415, "bodies must not be compressed", "unsupported_encoding");
  const std::string_view given = request.headers.get("content-type");
  const std::string_view type = trimmed(given.substr(0, given.find(';')));
  if (equal_ignoring_case(type, "application/json")) return;
  const bool unsaid = type.empty() || equal_ignoring_case(type, "application/x-www-form-urlencoded");
  if (unsaid && may_leave_type_out(request)) return;
  throw HttpError(415, "Content-Type must be application/json", "unsupported_media_type");
}

bool is_preflight(const HttpRequest& request) {
  return request.method == "OPTIONS" && request.headers.find("access-control-request-method");
}

std::string allowed_methods(const std::set<std::string>& methods) {
  return fmt::format("{}", fmt::join(methods, ", "));
}

HttpAnswer options_answer(const HttpRequest& request, const std::set<std::string>& methods) {
  HttpAnswer answer{.head = {.status = 204, .content_type = {}, .headers = {{"Allow", allowed_methods(methods)}}},
                    .body = {}};
  if (!is_preflight(request)) return answer;
  answer.head.headers.add("Access-Control-Allow-Methods", allowed_methods(methods));
  answer.head.headers.add("Access-Control-Allow-Headers",
                          std::string(request.headers.get("access-control-request-headers")));
  answer.head.headers.add("Access-Control-Max-Age", "600");
  return answer;
}

}  // namespace

std::optional<Call::Parameters> match_pattern(std::string_view pattern, std::string_view path) {
  Call::Parameters parameters;
  std::optional<std::string_view> wanted = pattern, rest = path;
  while (const auto segment = next_segment(wanted)) {
    if (!rest) return {};
    if (is_name(*segment) && segment->ends_with("...}")) {
      if (rest->empty()) return {};
      parameters.emplace(segment->substr(1, segment->size() - 5), *rest);
      return parameters;
    }
    const auto given = next_segment(rest);
    if (is_name(*segment) && !given->empty()) {
      parameters.emplace(segment->substr(1, segment->size() - 2), *given);
    } else if (*segment != *given) {
      return {};
    }
  }
  if (rest) return {};
  return parameters;
}

// What becomes of a request: the route that answers it, or an answer without one.
struct Router::Decision {
  const Route* route = nullptr;
  Parameters parameters;
  std::set<std::string> methods;  // that the path's routes take; empty where there are none
  ErrorStyle style = ErrorStyle::openai;
  User user;
  std::string origin;  // the web page's, where it is a configured one
  std::optional<HttpAnswer> answer;

  // For a page of another origin to be able to read the answer.
  HttpHeaders cors_headers() const {
    if (origin.empty()) return {};
    return {{"Access-Control-Allow-Origin", origin},
            {"Access-Control-Expose-Headers", "x-request-id, retry-after"},
            {"Vary", "Origin"}};
  }
};

Router::Router(std::vector<Route> routes, const Access& access) : routes_(std::move(routes)), access_(access) {}

void Router::find_route(const HttpRequest& request, Decision& decision) const {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  for (const Route& route : routes_) {
    const auto parameters = match_pattern(route.pattern, request.path);
    if (!parameters) continue;
    if (decision.methods.empty()) decision.style = route.style;
    decision.methods.insert({route.method, "OPTIONS"});
    if (route.method == "GET") decision.methods.insert("HEAD");
    if (decision.route || route.method != method) continue;
    decision.route = &route;
    decision.parameters = *parameters;
    decision.style = route.style;
  }
}

void Router::check(const HttpRequest& request, Decision& decision) const {
  find_route(request, decision);
  decision.origin = access_.check_browser(request);
  if (is_preflight(request) && !decision.methods.empty()) {
    decision.answer = options_answer(request, decision.methods);
    return;
  }
  const bool is_open = decision.route && decision.route->needed == Role::none;
  try {
    decision.user = access_.identify(request);
  } catch (const HttpError&) {
    if (!is_open) throw;
  }
  if (decision.methods.empty())
    throw HttpError(404, fmt::format("there is nothing at {} {}", request.method, request.path), "not_found");
  if (request.method == "OPTIONS" && !decision.route) {
    decision.answer = options_answer(request, decision.methods);
    return;
  }
  if (!decision.route)
    throw HttpError(405, fmt::format("{} takes {}", request.path, allowed_methods(decision.methods)),
                    "method_not_allowed")
        .with_header("Allow", allowed_methods(decision.methods));
  access_.check_role(request, decision.user, decision.route->needed);
  check_body_type(request);
}

Router::Decision Router::decide(const HttpRequest& request) const {
  Decision decision;
  try {
    check(request, decision);
  } catch (const HttpError& error) {
    decision.answer = error.answer(decision.style);
  }
  return decision;
}

HttpAdmission Router::admit(const HttpRequest& request) const {
  Decision decision = decide(request);
  HttpAdmission admission;
  admission.quick = decision.route && decision.route->quick;
  if (!decision.answer) return admission;
  for (const auto& [name, value] : decision.cors_headers()) decision.answer->head.headers.add(name, value);
  admission.refusal = std::make_unique<HttpAnswer>(std::move(*decision.answer));
  return admission;
}

void Router::handle(std::shared_ptr<HttpExchange> exchange) const {
  Decision decision = decide(exchange->request());
  for (const auto& [name, value] : decision.cors_headers()) exchange->set_header(name, value);
  if (decision.answer) return exchange->send(std::move(decision.answer->head), std::move(decision.answer->body));
  if (!decision.user.name.empty()) exchange->note("user", decision.user.name);
  call(exchange, std::move(decision));
}

void Router::call(const std::shared_ptr<HttpExchange>& exchange, Decision decision) const {
  const auto fail = [&](const HttpError& error) {
    if (exchange->has_begun()) return;  // in mid-stream only the stream's own writer knows how to tell
    HttpAnswer answer = error.answer(decision.style);
    exchange->send(std::move(answer.head), std::move(answer.body));
  };
  try {
    Call call(exchange, std::move(decision.user), std::move(decision.parameters), decision.style);
    decision.route->handler(call);
  } catch (const HttpError& error) {
    fail(error);
  } catch (const Error& error) {
    fail(HttpError(error));
  } catch (const std::exception& error) {
    const std::string& id = exchange->request().id;
    log(LogLevel::error, "handler failed", {{"id", id}, {"path", exchange->request().path}, {"reason", error.what()}});
    fail(
        HttpError(500, "something went wrong here; the server's log tells more about request " + id, "internal_error"));
  }
}

}  // namespace loam
