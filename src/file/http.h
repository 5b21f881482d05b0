// Downloads one file over HTTPS: resumes, retries, and checks what the server says.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace loam {

struct HttpOptions {
  int attempts = 4;                             // in a row without a new byte
  std::chrono::milliseconds first_delay{1000};  // before the second attempt; doubles each time
  std::chrono::seconds connection_timeout{10};
  std::chrono::seconds stall_timeout{30};  // without a byte
  std::string bearer_token;                // sent to the URL's host only, never along a redirect
  uint64_t expected_bytes = 0;             // 0: unknown
};

// Fills `path` from `url`, continuing what is there already where the server can and the file has not changed since
// (its ETag is kept in `path`.etag). Only https is spoken, and followed in redirects; http is accepted for the machine
// itself. `progress` gets bytes done and total (0: unknown) and returns false to cancel, which keeps `path` for later.
// Throws Error: not_found (404, 410), io (with the status or the network's fault), invalid (URL), cancelled.
void download_file(const std::string& url, const std::string& path, const HttpOptions& options,
                   const std::function<bool(uint64_t done, uint64_t total)>& progress);

// Error(io) saying how much is needed and how much is free where the folder's disk has less than `bytes` left.
void check_disk_space(const std::string& folder, uint64_t bytes);

}  // namespace loam
