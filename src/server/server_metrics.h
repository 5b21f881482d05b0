// What a server has done since its start, counted for its operator.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "server/generation/answer_sink.h"

namespace loam {

class ServerMetrics {
 public:
  struct Counts {
    uint64_t answers = 0, failures = 0;
    uint64_t prompt_tokens = 0, cached_tokens = 0, completion_tokens = 0;
    double prompt_seconds = 0, seconds = 0;
  };

  void record(const std::string& user, const Usage& usage);
  void record_failure(const std::string& user, const Error& error);
  std::map<std::string, Counts> by_user() const;
  double uptime_seconds() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Counts> by_user_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace loam
