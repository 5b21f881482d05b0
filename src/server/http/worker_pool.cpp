#include "server/http/worker_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace loam {

class WorkerPool::Team {
 public:
  explicit Team(size_t max_threads) : max_threads_(max_threads) {}
  ~Team() { stop(); }

  void submit(Job job) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    waiting_.push_back(std::move(job));
    if (waiting_.size() > n_idle_ && threads_.size() < max_threads_) start_thread();
    work_.notify_one();
  }

  void stop() {
    std::deque<Job> dropped;  // destroyed without the lock: what a job owns may call us
    std::vector<std::thread> threads;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      dropped.swap(waiting_);
      threads.swap(threads_);
    }
    work_.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  // A machine out of threads makes requests wait for the threads that there are.
  void start_thread() {
    try {
      threads_.emplace_back([this] { run(); });
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;
    }
  }

  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      ++n_idle_;
      work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      --n_idle_;
      if (stopping_) return;
      Job job = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      job();
      job = {};
      lock.lock();
    }
  }

  const size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Job> waiting_;
  std::vector<std::thread> threads_;
  size_t n_idle_ = 0;
  bool stopping_ = false;
};

WorkerPool::WorkerPool(int max_workers)
    : slow_(std::make_unique<Team>(static_cast<size_t>(max_workers))), quick_(std::make_unique<Team>(1)) {}
WorkerPool::~WorkerPool() = default;

void WorkerPool::submit(Job job) { slow_->submit(std::move(job)); }
void WorkerPool::submit_quick(Job job) { quick_->submit(std::move(job)); }

void WorkerPool::stop() {
  slow_->stop();
  quick_->stop();
}

}  // namespace loam
