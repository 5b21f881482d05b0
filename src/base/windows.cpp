#include "base/windows.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "base/error.h"

namespace loam {

void for_windows(size_t total, size_t step, ThreadPool& pool, const Progress& progress,
                 const std::function<void(size_t begin, size_t end, int thread)>& work) {
  std::atomic<size_t> next{0}, done{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::exception_ptr error;
  pool.run([&](int thread) {
    try {  // errors must not leave a pool's job
      for (size_t begin; !stop && (begin = next.fetch_add(step)) < total;) {
        const size_t end = std::min(begin + step, total);
        work(begin, end, thread);
        done += end - begin;
        if (thread == 0 && progress && !progress(done, total))
          throw Error(Error::Code::cancelled, "stopped before it was done");
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
      stop = true;
    }
  });
  if (error) std::rethrow_exception(error);
  if (progress) progress(total, total);
}

}  // namespace loam
