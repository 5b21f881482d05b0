#include "server/http/call.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "server/http/json_body.h"

namespace loam {

using Json = nlohmann::ordered_json;

Call::Call(std::shared_ptr<HttpExchange> exchange, User user, Parameters parameters, ErrorStyle style)
    : exchange_(std::move(exchange)), user_(std::move(user)), parameters_(std::move(parameters)), style_(style) {}
Call::~Call() = default;
Call::Call(Call&&) noexcept = default;
Call& Call::operator=(Call&&) noexcept = default;

const std::string& Call::parameter(std::string_view name) const {
  const auto found = parameters_.find(name);
  LOAM_CHECK(found != parameters_.end());
  return found->second;
}

const Json& Call::json() {
  if (!json_) json_ = std::make_unique<Json>(parse_json(request().body));
  return *json_;
}

void Call::reply_json(int status, const Json& body) {
  // Texts of models may hold half a character; strict JSON does not.
  reply_text(status, "application/json", body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Call::reply_text(int status, std::string content_type, std::string body) {
  exchange_->send({.status = status, .content_type = std::move(content_type), .headers = {}}, std::move(body));
}

void Call::reply_error(const HttpError& error) {
  HttpAnswer answer = error.answer(style_);
  exchange_->send(std::move(answer.head), std::move(answer.body));
}

void Call::reply_error(const Error& error) { reply_error(HttpError(error)); }

}  // namespace loam
