#include "model/weight_loader.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <tuple>

#include "base/error.h"

namespace loam {
namespace {

// Large enough to make the calls cheap, small enough to balance the threads and to keep what is mapped low.
constexpr int64_t kChunkBytes = 2 << 20;

// Rows [row_begin, row_end) of one matrix of a job.
struct Chunk {
  const PackJob* job;
  int64_t matrix, row_begin, row_end;

  uint64_t row_bytes() const { return bytes_of(job->info->dtype, job->cols); }
  uint64_t begin() const { return static_cast<uint64_t>(matrix * job->rows + row_begin) * row_bytes(); }
  uint64_t size() const { return static_cast<uint64_t>(row_end - row_begin) * row_bytes(); }
};

std::vector<Chunk> split(const std::vector<PackJob>& jobs, int row_group) {
  std::vector<Chunk> chunks;
  for (const PackJob& job : jobs) {
    const auto row_bytes = static_cast<int64_t>(bytes_of(job.info->dtype, job.cols));
    const int64_t groups = std::max<int64_t>(1, kChunkBytes / (row_bytes * row_group));
    const int64_t step = groups * row_group;
    for (int64_t matrix = 0; matrix < job.n_matrices; ++matrix)
      for (int64_t row = 0; row < job.rows; row += step)
        chunks.push_back({&job, matrix, row, std::min(row + step, job.rows)});
  }
  return chunks;
}

class Packing {
 public:
  Packing(const GgufFile& file, const KernelTable& kernels, const std::vector<PackJob>& jobs, const Progress& progress)
      : file_(file), kernels_(kernels), progress_(progress), chunks_(split(jobs, kernels.row_group)) {
    for (const Chunk& c : chunks_) total_ += c.size();
  }

  void run(ThreadPool& pool) {
    pool.run([this](int thread) { work(thread); });
    if (error_) std::rethrow_exception(error_);
    if (progress_) progress_(total_, total_);
  }

 private:
  // Errors must not leave a pool's job: the first is kept and stops the others.
  void work(int thread) {
    try {
      std::vector<std::byte> scratch;
      for (size_t i; !stop_ && (i = next_++) < chunks_.size();) {
        pack(chunks_[i], scratch);
        if (thread == 0 && progress_ && !progress_(done_, total_))
          throw Error(Error::Code::cancelled, "loading the model was cancelled");
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stop_ = true;
    }
  }

  void pack(const Chunk& c, std::vector<std::byte>& scratch) {
    const PackJob& job = *c.job;
    const std::byte* source = file_.bytes(*job.info, c.begin(), c.size(), scratch).data();
    std::byte* packed = static_cast<std::byte*>(job.packed) + static_cast<size_t>(c.matrix) * job.stride;
    kernels_.pack(job.info->dtype, source, c.row_begin, c.row_end, job.cols, packed);
    file_.release(*job.info, c.begin(), c.size());
    done_ += c.size();
  }

  const GgufFile& file_;
  const KernelTable& kernels_;
  const Progress& progress_;
  const std::vector<Chunk> chunks_;
  uint64_t total_ = 0;
  std::atomic<size_t> next_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

void pack_matrices(const GgufFile& file, const KernelTable& kernels, std::vector<PackJob> jobs, ThreadPool& pool,
                   const Progress& progress) {
  std::ranges::sort(jobs, {}, [](const PackJob& j) { return std::tuple(j.info->part, j.info->offset); });
  Packing(file, kernels, jobs, progress).run(pool);
}

}  // namespace loam
