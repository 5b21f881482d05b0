// Long work over bytes, shared among threads window by window, with progress and a way to stop it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/thread_pool.h"

namespace loam {

// Called from the thread that asked for the work, with bytes done and total; returns false to cancel (Error(cancelled)
// is thrown).
using Progress = std::function<bool(uint64_t done, uint64_t total)>;

// Calls work(begin, end, thread) for windows of `step` bytes of [0, total), on all threads, with progress. The first
// exception stops the others and is thrown.
void for_windows(size_t total, size_t step, ThreadPool& pool, const Progress& progress,
                 const std::function<void(size_t begin, size_t end, int thread)>& work);

}  // namespace loam
