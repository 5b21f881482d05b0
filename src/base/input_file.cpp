#include "base/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace loam {
namespace {

uint64_t page_bytes() { return static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // never wait for a pipe's other end
  if (descriptor_ < 0 && (errno == ENOENT || errno == ENOTDIR))
    throw Error(Error::Code::not_found, fmt::format("there is no file {}", path_), path_);
  if (descriptor_ < 0) throw_io("open");
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  if (known && S_ISREG(status.st_mode)) {
    size_ = static_cast<uint64_t>(status.st_size);
    return;
  }
  ::close(descriptor_);
  throw Error(Error::Code::io, fmt::format("{} is not a regular file", path_), path_);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::throw_io(const char* action) const {
  throw Error(Error::Code::io, fmt::format("cannot {} {}: {}", action, path_, std::strerror(errno)), path_);
}

void InputFile::read(uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t n = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_io("read");
    if (n == 0)
      throw Error(Error::Code::io,
                  fmt::format("{} became shorter while it was read: it ends at byte {}", path_, offset), path_);
    out = out.subspan(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
}

std::string InputFile::fingerprint() const {
  struct stat s {};
  if (::fstat(descriptor_, &s) != 0) throw_io("examine");
  return fmt::format("{} {} {} {}.{:09} {}.{:09}", s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec,
                     s.st_ctim.tv_sec, s.st_ctim.tv_nsec);
}

void InputFile::check_size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw_io("examine");
  if (static_cast<uint64_t>(status.st_size) >= size_) return;
  throw Error(
      Error::Code::io,
      fmt::format("{} had {} bytes when it was opened and has {} now: load it again", path_, size_, status.st_size),
      path_);
}

Mapping::Mapping(const InputFile& file) : size_(file.size()) {
  if (size_ == 0) return;
  void* memory = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  if (memory == MAP_FAILED)
    throw Error(Error::Code::io, fmt::format("cannot map {}: {}", file.path(), std::strerror(errno)), file.path());
  data_ = static_cast<std::byte*>(memory);
}

Mapping::~Mapping() {
  if (data_) ::munmap(data_, size_);
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

bool Mapping::read_in(uint64_t begin, uint64_t size) const {
  const uint64_t first = begin / page_bytes() * page_bytes();
  return ::madvise(data_ + first, begin + size - first, MADV_POPULATE_READ) == 0 || errno == EINVAL;
}

void Mapping::release(uint64_t begin, uint64_t size) const {
  const uint64_t page = page_bytes();
  const uint64_t first = (begin + page - 1) / page * page;
  const uint64_t end = std::min<uint64_t>(begin + size, size_) / page * page;
  if (first < end) ::madvise(data_ + first, end - first, MADV_DONTNEED);
}

}  // namespace loam
