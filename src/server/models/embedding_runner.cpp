#include "server/models/embedding_runner.h"

#include <algorithm>
#include <chrono>
#include <span>
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
    const size_t begin = job.done.size(), n = std::min(kTextsOfATurn, job.texts.size() - begin);
    const auto started = std::chrono::steady_clock::now();
    std::vector<Embedding> some = embedder_->embed_tokens(std::span(job.texts).subspan(begin, n), job.cancelled);
    {
      const std::lock_guard lock(mutex_);
      for (const Embedding& embedding : some) counts_.prompt_tokens += static_cast<uint64_t>(embedding.n_tokens);
      counts_.prompt_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    }
    std::move(some.begin(), some.end(), std::back_inserter(job.done));
    if (job.done.size() < job.texts.size()) return true;
    job.on_end(std::move(job.done));
  } catch (const Error& error) {
    job.on_error(error);
  }
  return false;
}

}  // namespace loam
