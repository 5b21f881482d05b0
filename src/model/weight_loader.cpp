#include "model/weight_loader.h"

#include <algorithm>
#include <cstring>

#include "base/windows.h"
#include "model/weight_memory.h"

namespace loam {
namespace {

// Packs windows of some huge pages: large enough to make the calls cheap, small enough to balance the threads and to
// keep what is mapped low.
class WindowPacker {
 public:
  WindowPacker(const GgufFile& file, const KernelTable& kernels, std::span<const PackJob> jobs)
      : file_(file), kernels_(kernels), jobs_(jobs) {
    for (const PackJob& job : jobs) margin_ = std::max(margin_, group_bytes(job));
    window_bytes_ = std::max<size_t>(1, 4 * margin_ / kHugePage) * kHugePage;
  }

  size_t window_bytes() const { return window_bytes_; }

  // → the packed bytes [begin, end), valid until the thread's next call. A row group that a window's edge cuts is
  // packed in both windows.
  std::span<const std::byte> pack(size_t begin, size_t end, std::vector<std::byte>& window,
                                  std::vector<std::byte>& scratch) const {
    window.resize(margin_ + window_bytes_ + margin_);
    std::byte* origin = window.data() + margin_;  // where `begin` goes
    auto job = std::ranges::upper_bound(jobs_, begin, {}, &PackJob::end);
    for (; job != jobs_.end() && job->offset < end; ++job) {
      const size_t first = std::max(begin, job->offset) - job->offset, last = std::min(end, job->end()) - job->offset;
      for (size_t matrix = first / job->stride; matrix * job->stride < last; ++matrix)
        pack_matrix(*job, matrix, begin, end, origin, scratch);
    }
    return {origin, end - begin};
  }

 private:
  int64_t group_rows(const PackJob& job) const { return job.plain ? 1 : kernels_.row_group; }
  size_t group_bytes(const PackJob& job) const {
    return job.plain ? bytes_of(job.info->dtype, job.cols)
                     : static_cast<size_t>(kernels_.row_group_bytes(job.info->dtype, job.cols));
  }

  // Packs the row groups of one matrix that lie in [begin, end), wholly or in part.
  void pack_matrix(const PackJob& job, size_t matrix, size_t begin, size_t end, std::byte* origin,
                   std::vector<std::byte>& scratch) const {
    const size_t offset = job.offset + matrix * job.stride, group = group_bytes(job);
    const size_t first = begin > offset ? (begin - offset) / group : 0;
    const size_t last = (std::min(end, offset + job.stride) - offset + group - 1) / group;
    const int64_t row_begin = static_cast<int64_t>(first) * group_rows(job);
    const int64_t row_end = std::min(job.rows, static_cast<int64_t>(last) * group_rows(job));
    const uint64_t row_bytes = bytes_of(job.info->dtype, job.cols);
    const uint64_t at =
        (matrix * static_cast<uint64_t>(job.file_rows) + static_cast<uint64_t>(job.first_row + row_begin)) * row_bytes;
    const uint64_t size = static_cast<uint64_t>(row_end - row_begin) * row_bytes;
    const std::byte* source = file_.bytes(*job.info, at, size, scratch).data();
    std::byte* out = origin + static_cast<ptrdiff_t>(offset + first * group - begin);
    if (job.plain)
      std::memcpy(out, source, size);
    else
      kernels_.pack(job.info->dtype, source, 0, row_end - row_begin, job.cols, out);
    file_.release(*job.info, at, size);
  }

  const GgufFile& file_;
  const KernelTable& kernels_;
  const std::span<const PackJob> jobs_;
  size_t margin_ = 0;  // the largest row group
  size_t window_bytes_;
};

}  // namespace

void pack_matrices(const GgufFile& file, const KernelTable& kernels, std::span<const PackJob> jobs, size_t total,
                   ThreadPool& pool, const Progress& progress, const PackedSink& sink) {
  const WindowPacker packer(file, kernels, jobs);
  std::vector<std::vector<std::byte>> windows(static_cast<size_t>(pool.size())), scratch(windows.size());
  for_windows(total, packer.window_bytes(), pool, progress, [&](size_t begin, size_t end, int thread) {
    const auto t = static_cast<size_t>(thread);
    sink(begin, packer.pack(begin, end, windows[t], scratch[t]));
  });
}

}  // namespace loam
