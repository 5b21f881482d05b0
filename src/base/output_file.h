// A large file that is written in pieces and gets its name only when it is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace loam {

enum class Readers { owner, everybody };  // everybody: as the process's umask allows

// Written beside its path under a temporary name, which goes away with the object unless `keep` was called: after an
// error, a full disk or Ctrl+C nothing is left, and a file of that name is what it was. Errors are Error(io) naming the
// path.
class OutputFile {
 public:
  // Error(invalid) where the path is that of a folder, a device or a pipe.
  explicit OutputFile(const std::string& path, Readers readers = Readers::everybody);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  const std::string& path() const { return path_; }
  // Makes the file so long, and takes the room on the disk where the system can: a disk that is too full is noticed
  // before the work, with both numbers.
  void reserve(uint64_t bytes);
  void write(uint64_t offset, std::span<const std::byte> bytes) const;  // from any thread
  // Makes sure that all bytes are on the disk, then puts the file in its place.
  void keep();

 private:
  [[noreturn]] void fail(const std::string& what, int reason) const;

  std::string path_, temporary_;
  int descriptor_ = -1;
};

}  // namespace loam
