// The status line and fields of an answer, as bytes.
#pragma once

#include <string>
#include <string_view>

#include "server/http/exchange.h"

namespace loam {

std::string_view reason_phrase(int status);

// "HTTP/1.1 200 OK\r\n" and Date, Content-Type and the head's fields; without the empty line that ends it. Characters
// that would end a field early become spaces.
std::string response_head(const HttpHead& head);
// One field's line, as safe.
std::string header_line(std::string_view name, std::string_view value);

}  // namespace loam
