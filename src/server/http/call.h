// One request at its route: who asks, what for, and the ways to answer.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "server/access/user.h"
#include "server/http/exchange.h"
#include "server/http/http_error.h"

namespace loam {

// Movable: a handler that answers later, from another thread, takes it along.
class Call {
 public:
  using Parameters = std::map<std::string, std::string, std::less<>>;

  Call(std::shared_ptr<HttpExchange> exchange, User user, Parameters parameters, ErrorStyle style);
  ~Call();
  Call(Call&&) noexcept;
  Call& operator=(Call&&) noexcept;

  const HttpRequest& request() const { return exchange_->request(); }
  HttpExchange& exchange() const { return *exchange_; }
  const std::shared_ptr<HttpExchange>& exchange_pointer() const { return exchange_; }
  const User& user() const { return user_; }
  ErrorStyle error_style() const { return style_; }
  const std::string& parameter(std::string_view name) const;  // of the route's pattern: {name}
  const nlohmann::ordered_json& json();                       // the body, parsed when first asked for. HttpError(400)

  void reply_json(int status, const nlohmann::ordered_json& body);
  void reply_text(int status, std::string content_type, std::string body);
  void reply_error(const HttpError& error);  // in the route's style
  void reply_error(const Error& error);

 private:
  std::shared_ptr<HttpExchange> exchange_;
  User user_;
  Parameters parameters_;
  ErrorStyle style_;
  std::unique_ptr<nlohmann::ordered_json> json_;
};

}  // namespace loam
