#include "tensor/tensor.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <utility>

#include "base/error.h"

namespace loam {

Shape::Shape(std::span<const int64_t> dims) : rank_(static_cast<int>(dims.size())) {
  LOAM_CHECK(dims.size() <= dims_.size());
  int i = 0;
  for (const int64_t d : dims) dims_[i++] = d;
}

int64_t Shape::elements() const {
  int64_t n = 1;
  for (int i = 0; i < rank_; ++i) n *= dims_[i];
  return n;
}

int64_t Shape::rows() const {
  int64_t n = 1;
  for (int i = 0; i + 1 < rank_; ++i) n *= dims_[i];
  return n;
}

std::string Shape::text() const {
  std::string text = "(";
  for (int i = 0; i < rank_; ++i) text += (i ? ", " : "") + std::to_string(dims_[i]);
  return text + ")";
}

namespace {
// Weights gain from huge pages; smaller memory would only be rounded up by them.
constexpr size_t kHugePagesFrom = size_t{32} << 20;
}  // namespace

// Straight from the system: pages that are never touched take no memory, and freeing gives them back at once.
Buffer::Buffer(size_t bytes, bool huge_pages) : size_(bytes) {
  if (bytes == 0) return;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<std::byte*>(memory);
  if (huge_pages && bytes >= kHugePagesFrom) madvise(memory, bytes, MADV_HUGEPAGE);
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void Buffer::release(size_t begin, size_t end) const {
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const size_t first = (begin + page - 1) / page * page, last = end / page * page;
  if (first < last) madvise(data_ + first, last - first, MADV_DONTNEED);
}

Buffer::~Buffer() {
  if (data_) munmap(data_, size_);
}

}  // namespace loam
