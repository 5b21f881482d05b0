#include "server/routes/sse.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace loam {

std::string to_text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void EventStream::begin() {
  if (begun_) return;
  begun_ = true;
  exchange_->begin({.status = 200, .content_type = "text/event-stream", .headers = {{"Cache-Control", "no-cache"}}});
}

void EventStream::send(const Json& data, std::string_view event) {
  begin();
  if (event.empty())
    exchange_->write(fmt::format("data: {}\n\n", to_text(data)));
  else
    exchange_->write(fmt::format("event: {}\ndata: {}\n\n", event, to_text(data)));
}

void EventStream::send_text(std::string_view data) {
  begin();
  exchange_->write(fmt::format("data: {}\n\n", data));
}

void EventStream::end() {
  begin();
  exchange_->end();
}

}  // namespace loam
