// Files read at given offsets, and views of them mapped into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace loam {

// A regular file open for reading. Errors: not_found where there is none, else io, each naming the path.
class InputFile {
 public:
  explicit InputFile(std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }  // when it was opened
  int descriptor() const { return descriptor_; }

  // Fills `out` with the bytes from `offset` on.
  void read(uint64_t offset, std::span<std::byte> out) const;

  // Device, inode, size, and the times when content and status last changed: another text for any change of the file.
  std::string fingerprint() const;

  // Error(io) where the file has become shorter than it was when it was opened.
  void check_size() const;

 private:
  [[noreturn]] void throw_io(const char* action) const;

  std::string path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

// A whole file as read-only memory. The system ends a process that touches a mapped page whose file has become
// shorter (SIGBUS), and no check can exclude that between the check and the touch: callers call InputFile::check_size
// before each use, and keep copies of small things that they read often.
class Mapping {
 public:
  Mapping() = default;
  explicit Mapping(const InputFile& file);
  ~Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  // Reads in the pages of [begin, begin + size) with one request: from a cold disk that is about eight times as fast as
  // touching them one by one. False where they cannot be read; on kernels before 5.14 nothing is done.
  bool read_in(uint64_t begin, uint64_t size) const;
  // Drops the whole pages in [begin, begin + size) from this process's memory; a later touch reads them again.
  void release(uint64_t begin, uint64_t size) const;

 private:
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace loam
