// A loaded embedding model at work: a thread of its own that takes its jobs' texts in turns.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "engine/embedder.h"
#include "server/models/model_runner.h"

namespace loam {

// Texts of one request. All is called on the runner's thread; of the last two one, once.
struct EmbeddingJob {
  size_t n_texts = 0;
  std::function<int64_t(size_t begin, size_t end)> work = {};  // does texts [begin, end) → tokens that were read
  Cancelled cancelled = {};                                    // asked between turns, and for `work` to ask within
  std::function<void(int64_t n_tokens)> on_end = {};           // that were read in all
  std::function<void(const Error&)> on_error = {};

  size_t n_done = 0;  // the runner's own
  int64_t n_tokens = 0;
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
