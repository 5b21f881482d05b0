#include "engine/page_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kHeaderBytes = 80;
constexpr std::array<char, 8> kMagic = {'l', 'o', 'a', 'm', ' ', 'k', 'v', '1'};

[[noreturn]] void fail(const std::string& action, const std::string& path, int reason) {
  throw Error(Error::Code::io, fmt::format("cannot {} {}: {}", action, path, std::strerror(reason)), path);
}

// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

bool read_all(int descriptor, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t n = ::read(descriptor, out.data(), out.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    out = out.subspan(static_cast<size_t>(n));
  }
  return true;
}

bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return true;
}

// Only its owner may read what people have written to a model.
void make_private(const std::string& folder) {
  std::error_code fault;
  fs::create_directories(fs::path(folder).parent_path(), fault);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("make", folder, errno);
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0) fail("examine", folder, errno);
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    throw Error(Error::Code::io,
                fmt::format("{} must be a folder of your own that nobody else may enter (chmod 700)", folder), folder);
}

std::array<std::byte, 32> key_of(const std::string& folder) {
  const std::string path = folder + "/key";
  std::array<std::byte, 32> key;
  struct stat status {};
  if (const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
      file.number() >= 0 && ::fstat(file.number(), &status) == 0 && status.st_size == std::ssize(key) &&
      read_all(file.number(), key))
    return key;
  ::randombytes_buf(key.data(), key.size());
  write_file_atomically(path, {reinterpret_cast<const char*>(key.data()), key.size()});
  return key;
}

}  // namespace

// What a file begins with, as it stands there; the parts follow.
struct PageFiles::Header {
  std::array<char, 8> magic = kMagic;
  uint64_t bytes = 0;  // of all parts, little-endian
  PageName name;
  std::array<std::byte, 32> code{};  // BLAKE2b with the folder's key, of all the rest of the file
};

uint64_t page_file_bytes(const PageParts& parts) {
  uint64_t sum = kHeaderBytes;
  for (const auto& part : parts) sum += part.size();
  return sum;
}

// Also what is being written, under a name that goes on behind the page's.
void forget_pages_in(const std::string& folder, const PageName::Owner& owner) {
  const std::string begin = to_hex(owner);
  std::error_code fault;
  for (const auto& entry : fs::directory_iterator(folder, fault)) {
    std::error_code gone;
    if (entry.path().filename().string().starts_with(begin)) fs::remove(entry.path(), gone);
  }
}

PageFiles::PageFiles(const std::string& cache_folder) : folder_(folder_in(cache_folder)) {
  static_assert(sizeof(Header) == kHeaderBytes);
  if (sodium_init() < 0) throw Error(Error::Code::io, "the system has no source of random numbers");
  make_private(folder_);
  key_ = key_of(folder_);
}

std::string PageFiles::path(const PageName& name) const { return folder_ + "/" + to_hex(name.hash) + ".page"; }

bool PageFiles::has(const PageName& name) const { return ::access(path(name).c_str(), R_OK) == 0; }

PageFiles::Header PageFiles::header(const PageName& name, const PageParts& parts) const {
  Header header{.name = name};
  for (const auto& part : parts) header.bytes += part.size();
  const auto bytes_of = [](std::span<const std::byte> bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
  };
  crypto_generichash_state hash;
  crypto_generichash_init(&hash, bytes_of(key_), key_.size(), header.code.size());
  crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(&header), offsetof(Header, code));
  for (const auto& part : parts) crypto_generichash_update(&hash, bytes_of(part), part.size());
  crypto_generichash_final(&hash, reinterpret_cast<unsigned char*>(header.code.data()), header.code.size());
  return header;
}

bool PageFiles::read(const PageName& name, const PageParts& parts) const {
  const std::string file_path = path(name);
  const Descriptor file(::open(file_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.number() < 0) return false;
  struct stat status {};
  Header found;
  const auto is_right = [&] {
    if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if (static_cast<uint64_t>(status.st_size) != page_file_bytes(parts)) return false;
    if (!read_all(file.number(), std::as_writable_bytes(std::span(&found, 1)))) return false;
    for (const auto& part : parts)
      if (!read_all(file.number(), part)) return false;
    const Header expected = header(name, parts);
    return std::memcmp(&found, &expected, sizeof found) == 0;
  };
  if (is_right()) {
    ::futimens(file.number(), nullptr);
    return true;
  }
  ::unlink(file_path.c_str());
  return false;
}

void PageFiles::write(const PageName& name, const PageParts& parts) const {
  std::string temporary = path(name) + ".XXXXXX.new";
  const Header begin = header(name, parts);
  const Descriptor file(::mkostemps(temporary.data(), std::strlen(".new"), O_CLOEXEC));  // mode 0600
  if (file.number() < 0) fail("write", temporary, errno);
  bool written = write_all(file.number(), std::as_bytes(std::span(&begin, 1)));
  for (const auto& part : parts) written = written && write_all(file.number(), part);
  if (written && ::rename(temporary.c_str(), path(name).c_str()) == 0) return;
  const int reason = errno;
  ::unlink(temporary.c_str());
  fail("write", temporary, reason);
}

void PageFiles::touch(const PageName& name) const { ::utimensat(AT_FDCWD, path(name).c_str(), nullptr, 0); }

}  // namespace loam
