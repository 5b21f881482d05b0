// One request of an HTTP API, whose answer comes piece by piece.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

struct ClientRequest {
  std::string url;
  std::string json = {};  // POST with this body; "": GET
  std::string bearer_token = {};
  std::vector<std::string> headers = {};  // "Name: value"
};

struct ClientReply {
  long status = 0;
  std::string body = {};  // what `on_bytes` did not get; at most 1 MiB
};

// Waits for the whole answer. `on_bytes`, where there is one, gets the body of a 2xx answer as it comes; where it
// returns false, the connection is closed and this returns. `goes_on` is asked at least once a second, and at once
// where a signal has come; false: Error(cancelled). Error(io) where nobody answers, or the answer breaks off.
ClientReply send_request(const ClientRequest& request, const std::function<bool(std::string_view)>& on_bytes,
                         const std::function<bool()>& goes_on);

}  // namespace loam
