#include "server/models/embedding_runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace loam {
namespace {

constexpr size_t kTextsOfATurn = 32;

}  // namespace

EmbeddingRunner::EmbeddingRunner(std::unique_ptr<Embedder> embedder) : embedder_(std::move(embedder)) {
  thread_ = std::thread([this] { run(); });
}

void EmbeddingRunner::submit(std::shared_ptr<EmbeddingJob> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void EmbeddingRunner::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool EmbeddingRunner::idle() const {
  const std::lock_guard lock(mutex_);
  return jobs_.empty() && !working_;
}

RunnerCounts EmbeddingRunner::counts() const {
  const std::lock_guard lock(mutex_);
  RunnerCounts counts = counts_;
  counts.running = working_ ? 1 : 0;
  counts.waiting = static_cast<int>(jobs_.size());
  return counts;
}

void EmbeddingRunner::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
    if (stopping_) break;
    std::shared_ptr<EmbeddingJob> job = std::move(jobs_.front());
    jobs_.pop_front();
    working_ = true;
    lock.unlock();
    const bool goes_on = advance(*job);
    lock.lock();
    working_ = false;
    if (goes_on) jobs_.push_back(std::move(job));
    job.reset();
  }
  const auto left = std::exchange(jobs_, {});
  lock.unlock();
  for (const auto& job : left) job->on_error(Error(Error::Code::cancelled, "the model is being unloaded"));
}

bool EmbeddingRunner::advance(EmbeddingJob& job) {
  try {
    if (job.cancelled && job.cancelled()) throw Error(Error::Code::cancelled, "the client has left");
    const size_t end = std::min(job.n_texts, job.n_done + kTextsOfATurn);
    const auto started = std::chrono::steady_clock::now();
    const int64_t n_tokens = job.work(job.n_done, end);
    {
      const std::lock_guard lock(mutex_);
      counts_.prompt_tokens += static_cast<uint64_t>(n_tokens);
      counts_.prompt_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    }
    job.n_tokens += n_tokens;
    job.n_done = end;
    if (job.n_done < job.n_texts) return true;
    job.on_end(job.n_tokens);
  } catch (const Error& error) {
    job.on_error(error);
  }
  return false;
}

}  // namespace loam
