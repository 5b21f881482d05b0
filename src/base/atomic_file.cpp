#include "base/atomic_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace loam {
namespace {

[[noreturn]] void fail_writing(const std::string& path, int reason) {
  throw Error(Error::Code::io, std::string("cannot write: ") + std::strerror(reason), path);
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) fail_writing(path, errno);
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fdopen(fd, "wb"), &std::fclose);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size() &&
                       std::fflush(file.get()) == 0 && fsync(fd) == 0;
  if (written && std::rename(temporary.c_str(), path.c_str()) == 0) return;
  const int reason = errno;
  std::remove(temporary.c_str());
  fail_writing(path, reason);
}

}  // namespace loam
