#include "model/packed_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/hash.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kFreeBytes = uint64_t{4} << 30;  // of the disk, that stay free
constexpr auto kWrittenBack = std::chrono::minutes(1);
constexpr std::string_view kSuffix = ".packed";
constexpr size_t kTrailerBytes = 8192;  // behind the weights: says whose they are and that they are complete

// What all files of one model begin with.
std::string stem(const std::string& source) {
  return fs::path(source).stem().string() + "-" + sha256_of(fs::absolute(source).string()).substr(0, 8) + ".";
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string trailer_of(const PackedIdentity& identity) {
  std::string text = fmt::format("loam packed weights\n{}\n{}\n{}\n", identity.digest, identity.bytes,
                                 fs::absolute(identity.source).string());
  if (text.size() > kTrailerBytes) return {};
  text.resize(kTrailerBytes, '\0');
  return text;
}

std::string read_trailer(const InputFile& file) {
  if (file.size() < kTrailerBytes) return {};
  std::string text(kTrailerBytes, '\0');
  file.read(file.size() - kTrailerBytes, std::as_writable_bytes(std::span(text)));
  return text;
}

std::string name_of(const PackedIdentity& identity) {
  return stem(identity.source) + identity.digest.substr(0, 16) + std::string(kSuffix);
}

// Of another boot, or of a model that is no longer there.
bool is_stale(const fs::path& path) {
  const std::string name = path.filename();
  if (const size_t at = name.rfind(std::string(kSuffix) + "."); at != std::string::npos)
    return name.substr(at + kSuffix.size() + 1) != boot_id();
  std::istringstream trailer(read_trailer(InputFile(path)));
  std::string source;
  for (int line = 0; line < 4; ++line) std::getline(trailer, source);
  std::error_code fault;
  return !fs::exists(source, fault) && !fault;
}

void remove_if(const std::string& folder, const auto& condition) {
  std::error_code fault;
  for (const auto& entry : fs::directory_iterator(folder, fault)) {
    const std::string name = entry.path().filename();
    std::error_code ignored;
    if (name.find(kSuffix) != std::string::npos && condition(entry.path(), name)) fs::remove(entry.path(), ignored);
  }
}

// Drops the boot's id from a file's name once its bytes are on the disk.
void settle(const InputFile& file, const std::string& settled) {
  std::error_code fault;
  const auto written = fs::last_write_time(file.path(), fault);
  if (fault || fs::file_time_type::clock::now() - written < kWrittenBack) return;
  if (::fdatasync(file.descriptor()) == 0) fs::rename(file.path(), settled, fault);
}

std::unique_ptr<InputFile> open_whole(const std::string& path, const PackedIdentity& identity) {
  std::error_code fault;
  if (!fs::exists(path, fault)) return nullptr;
  auto file = std::make_unique<InputFile>(path);
  if (file->size() != identity.bytes + kTrailerBytes || read_trailer(*file) != trailer_of(identity)) return nullptr;
  return file;
}

}  // namespace

PackedWriter::PackedWriter(int descriptor, std::string path, std::string trailer, uint64_t bytes)
    : descriptor_(descriptor), path_(std::move(path)), trailer_(std::move(trailer)), bytes_(bytes) {}

PackedWriter::~PackedWriter() { ::close(descriptor_); }

void PackedWriter::write(uint64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      throw Error(Error::Code::io, fmt::format("cannot write packed weights to {}: {} (--no-packed-files does without)",
                                               path_, std::strerror(errno)));
    bytes = bytes.subspan(static_cast<size_t>(n));
    offset += static_cast<uint64_t>(n);
  }
}

void PackedWriter::keep() const {
  write(bytes_, std::as_bytes(std::span(trailer_)));
  const std::string unnamed = fmt::format("/proc/self/fd/{}", descriptor_);
  // Another process may have been quicker: its file is as good.
  ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, path_.c_str(), AT_SYMLINK_FOLLOW);
}

std::unique_ptr<InputFile> PackedFolder::open(const PackedIdentity& identity) const {
  if (path_.empty()) return nullptr;
  const std::string settled = path_ + "/" + name_of(identity);
  try {
    if (auto file = open_whole(settled, identity)) return file;
    auto file = open_whole(settled + "." + boot_id(), identity);
    if (file) settle(*file, settled);
    return file;
  } catch (const Error&) {  // removed or cut off meanwhile: packing again is always possible
    return nullptr;
  }
}

std::unique_ptr<PackedWriter> PackedFolder::create(const PackedIdentity& identity) const {
  const std::string trailer = path_.empty() ? "" : trailer_of(identity);
  std::error_code fault;
  if (trailer.empty() || (fs::create_directories(path_, fault), fault)) return nullptr;
  remove(identity.source);
  remove_if(path_, [](const fs::path& path, const std::string&) {
    try {
      return is_stale(path);
    } catch (const Error&) {
      return false;
    }
  });
  const auto space = fs::space(path_, fault);
  if (fault || space.available < identity.bytes + kFreeBytes) return nullptr;
  const int descriptor = ::open(path_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
  if (descriptor < 0) return nullptr;
  auto writer = std::make_unique<PackedWriter>(descriptor, path_ + "/" + name_of(identity) + "." + boot_id(), trailer,
                                               identity.bytes);
  const auto whole = static_cast<off_t>(identity.bytes + trailer.size());
  if (::fallocate(descriptor, 0, 0, whole) != 0 && (errno != EOPNOTSUPP || ::ftruncate(descriptor, whole) != 0))
    return nullptr;
  return writer;
}

void PackedFolder::remove(const std::string& source) const {
  if (path_.empty()) return;
  remove_if(path_,
            [prefix = stem(source)](const fs::path&, const std::string& name) { return name.starts_with(prefix); });
}

}  // namespace loam
