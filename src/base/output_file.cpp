#include "base/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include "base/error.h"
#include "base/human_bytes.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

// The file that a link means: it is replaced, not the link.
std::string target_of(const std::string& path) {
  std::error_code fault;
  if (fs::is_symlink(path, fault)) {
    const fs::path target = fs::weakly_canonical(path, fault);
    if (!fault) return target.string();
  }
  return path;
}

void check_replaceable(const std::string& path) {
  std::error_code fault;
  const fs::file_status status = fs::status(path, fault);
  if (!fs::exists(status) || fs::is_regular_file(status)) return;
  throw Error(Error::Code::invalid,
              fmt::format("{} is {}, not a file that can be written", path,
                          fs::is_directory(status) ? "a folder" : "a device or a pipe"),
              path);
}

std::string random_suffix() {
  std::random_device random;
  return fmt::format(".{:08x}.part", random());
}

}  // namespace

OutputFile::OutputFile(const std::string& path, Readers readers) : path_(target_of(path)) {
  check_replaceable(path_);
  const mode_t mode = readers == Readers::owner ? 0600 : 0666;
  do {
    temporary_ = path_ + random_suffix();
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail("cannot write", errno);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void OutputFile::fail(const std::string& what, int reason) const {
  throw Error(Error::Code::io, fmt::format("{}: {}", what, std::strerror(reason)), path_);
}

void OutputFile::reserve(uint64_t bytes) {
  struct statvfs disk {};
  if (::fstatvfs(descriptor_, &disk) == 0) {
    const uint64_t available = uint64_t{disk.f_bavail} * disk.f_frsize;
    if (bytes > available)
      throw Error(
          Error::Code::io,
          fmt::format("the file takes {}, but the disk has {} free", human_bytes(bytes), human_bytes(available)),
          path_);
  }
  const auto length = static_cast<off_t>(bytes);
  if (bytes == 0 || ::fallocate(descriptor_, 0, 0, length) == 0) return;
  const int reason = errno;
  const bool unknown = reason == EOPNOTSUPP || reason == ENOSYS || reason == EINVAL;  // not every file system can
  if (!unknown || ::ftruncate(descriptor_, length) != 0)
    fail(fmt::format("cannot make a file of {}", human_bytes(bytes)), unknown ? errno : reason);
}

void OutputFile::write(uint64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write", errno);
    bytes = bytes.subspan(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
}

void OutputFile::keep() {
  if (::fsync(descriptor_) != 0) fail("cannot write", errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot give the file its name", errno);
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace loam
