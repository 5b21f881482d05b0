// Server-sent events on an exchange (https://html.spec.whatwg.org/multipage/server-sent-events.html).
#pragma once

#include <memory>
#include <string_view>

#include "server/api/schema.h"
#include "server/http/exchange.h"

namespace loam {

class EventStream {
 public:
  explicit EventStream(std::shared_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}

  bool has_begun() const { return begun_; }
  // Begins the stream where it has not; `event`: its type, for APIs that name them.
  void send(const Json& data, std::string_view event = "");
  void send_text(std::string_view data);  // "[DONE]"
  void end();
  const std::shared_ptr<HttpExchange>& exchange() const { return exchange_; }

 private:
  void begin();

  const std::shared_ptr<HttpExchange> exchange_;
  bool begun_ = false;
};

// The text of a JSON value with what is no UTF-8 replaced.
std::string to_text(const Json& value);

}  // namespace loam
