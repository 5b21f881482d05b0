// A loaded embedding model at work: a thread of its own that takes its jobs' texts in turns.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "engine/embedder.h"
#include "server/models/model_runner.h"

namespace loam {

// Texts of one request. The callbacks run on the runner's thread; one of them is called, once.
struct EmbeddingJob {
  std::vector<std::vector<Token>> texts;
  Cancelled cancelled = {};  // asked between batches
  std::function<void(std::vector<Embedding>)> on_end = {};
  std::function<void(const Error&)> on_error = {};

  std::vector<Embedding> done = {};  // the runner's own
};

class EmbeddingRunner {
 public:
  explicit EmbeddingRunner(std::unique_ptr<Embedder> embedder);
  ~EmbeddingRunner() { stop(); }

  void submit(std::shared_ptr<EmbeddingJob> job);
  void stop();  // Error(cancelled) for the jobs that are left
  bool idle() const;
  RunnerCounts counts() const;

  // Safe for any thread beside the runner; whoever holds it may go on when the runner has ended.
  const std::shared_ptr<const Embedder>& embedder() const { return embedder_; }

 private:
  void run();
  // A share of the job's texts; false when it is at its end.
  bool advance(EmbeddingJob& job);

  const std::shared_ptr<const Embedder> embedder_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<EmbeddingJob>> jobs_;
  bool working_ = false, stopping_ = false;
  RunnerCounts counts_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace loam
