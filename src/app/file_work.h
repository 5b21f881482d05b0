// What commands that write model files share: threads, a progress bar, Ctrl+C as an Error that leaves nothing behind.
#pragma once

#include <string>

#include "app/interrupt.h"
#include "app/progress_bar.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "base/windows.h"

namespace loam {

class FileWork {
 public:
  // `threads` 0: the physical cores.
  FileWork(const std::string& label, int threads)
      : pool(threads > 0 ? threads : ThreadPool::physical_cores()), bar_(label, ProgressBar::Unit::percent) {}

  Progress progress() {
    return [this](uint64_t done, uint64_t total) {
      bar_.update(done, total);
      throw_if_interrupted();
      return true;
    };
  }
  void finish() { bar_.erase(); }

 private:
  const InterruptGuard guard_;

 public:
  ThreadPool pool;

 private:
  ProgressBar bar_;
};

}  // namespace loam
