#include "base/zip.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace loam {
namespace {

using ZipBytes = std::vector<std::byte>;

constexpr size_t kZipWindow = 64 << 10;
constexpr size_t kEndRecord = 22, kCentralRecord = 46, kLocalRecord = 30;
constexpr size_t kLongestComment = 65535;

[[noreturn]] void fail_zip(const std::string& path, const std::string& what) {
  throw Error(Error::Code::invalid, path + " is not a sound zip archive: " + what + "; get it again");
}

// Little-endian numbers at fixed places of a record whose length has been checked.
uint32_t u16_at(std::span<const std::byte> record, size_t at) {
  return std::to_integer<uint32_t>(record[at]) | std::to_integer<uint32_t>(record[at + 1]) << 8;
}
uint32_t u32_at(std::span<const std::byte> record, size_t at) {
  return u16_at(record, at) | u16_at(record, at + 2) << 16;
}

bool has_signature(std::span<const std::byte> record, std::string_view signature) {
  return record.size() >= signature.size() && std::memcmp(record.data(), signature.data(), signature.size()) == 0;
}

// Where the end record begins in the file's tail: the last place whose comment reaches exactly to the end.
size_t find_end_record(const std::string& path, std::span<const std::byte> tail) {
  for (size_t at = tail.size() - kEndRecord + 1; at-- > 0;) {
    const auto record = tail.subspan(at);
    if (has_signature(record, "PK\5\6") && u16_at(record, 20) == record.size() - kEndRecord) return at;
  }
  fail_zip(path, "it has no end record");
}

ZipMember read_central_record(const std::string& path, std::span<const std::byte> record) {
  if (record.size() < kCentralRecord || !has_signature(record, "PK\1\2"))
    fail_zip(path, "its list of members is broken");
  const size_t name_bytes = u16_at(record, 28);
  if (record.size() - kCentralRecord < name_bytes) fail_zip(path, "its list of members is cut");
  if (u16_at(record, 8) & 1) fail_zip(path, "a member is encrypted");
  ZipMember member;
  member.name.assign(reinterpret_cast<const char*>(record.data()) + kCentralRecord, name_bytes);
  member.method = static_cast<uint16_t>(u16_at(record, 10));
  member.crc32 = u32_at(record, 16);
  member.packed_bytes = u32_at(record, 20);
  member.bytes = u32_at(record, 24);
  member.offset = u32_at(record, 42);
  return member;
}

size_t central_record_bytes(std::span<const std::byte> record) {
  return kCentralRecord + u16_at(record, 28) + u16_at(record, 30) + u16_at(record, 32);
}

// Counts and checks what a member's bytes are on their way to the sink.
class CheckedSink {
 public:
  CheckedSink(const std::string& path, const ZipMember& member,
              const std::function<void(std::span<const std::byte>)>& sink)
      : path_(path), member_(member), sink_(sink) {}

  void write(std::span<const std::byte> bytes) {
    done_ += bytes.size();
    if (done_ > member_.bytes)
      fail_zip(path_, fmt::format("{} is longer than its {} bytes", member_.name, member_.bytes));
    crc_ = crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    sink_(bytes);
  }
  void finish() const {
    if (done_ != member_.bytes) {
      fail_zip(path_, fmt::format("{} ends after {} of its {} bytes", member_.name, done_, member_.bytes));
    }
    if (crc_ != member_.crc32) fail_zip(path_, "the checksum of " + member_.name + " is wrong");
  }

 private:
  const std::string& path_;
  const ZipMember& member_;
  const std::function<void(std::span<const std::byte>)>& sink_;
  uint64_t done_ = 0;
  uLong crc_ = 0;
};

// Raw deflate (RFC 1951), piece by piece.
class Inflater {
 public:
  explicit Inflater(const std::string& path) : path_(path), output_(kZipWindow) {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw Error(Error::Code::no_memory, "no memory to unpack " + path);
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  void feed(std::span<std::byte> packed, CheckedSink& sink) {
    stream_.next_in = reinterpret_cast<Bytef*>(packed.data());
    stream_.avail_in = static_cast<uInt>(packed.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(output_.data());
      stream_.avail_out = static_cast<uInt>(output_.size());
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
        fail_zip(path_, "its packed data is broken");
      sink.write(std::span(output_).first(output_.size() - stream_.avail_out));
    } while (stream_.avail_out == 0);
  }

 private:
  const std::string& path_;
  ZipBytes output_;
  z_stream stream_{};
};

}  // namespace

struct ZipFile::File {
  std::string path;
  int fd = -1;
  uint64_t bytes = 0;

  explicit File(const std::string& name) : path(name), fd(open(name.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd < 0) throw Error(Error::Code::not_found, "cannot open " + path + ": " + std::strerror(errno));
    struct stat about;
    if (fstat(fd, &about) == 0) bytes = static_cast<uint64_t>(about.st_size);
  }
  ~File() { close(fd); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // ZipBytes [offset, offset + size), which must lie in the file.
  ZipBytes read(uint64_t offset, uint64_t size) const {
    if (offset > bytes || size > bytes - offset) fail_zip(path, "it is cut");
    ZipBytes result(size);
    for (size_t done = 0; done < size;) {
      const ssize_t n = pread(fd, result.data() + done, size - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw Error(Error::Code::io, "cannot read " + path + ": " + std::strerror(n < 0 ? errno : EIO));
      done += static_cast<size_t>(n);
    }
    return result;
  }
};

ZipFile::ZipFile(const std::string& path) : path_(path), file_(std::make_unique<File>(path)) {
  if (file_->bytes < kEndRecord) fail_zip(path_, "it is too short");
  const uint64_t tail_bytes = std::min<uint64_t>(file_->bytes, kEndRecord + kLongestComment);
  const ZipBytes tail = file_->read(file_->bytes - tail_bytes, tail_bytes);
  const auto end = std::span(tail).subspan(find_end_record(path_, tail));
  const size_t n_members = u16_at(end, 10);
  const ZipBytes directory = file_->read(u32_at(end, 16), u32_at(end, 12));

  auto rest = std::span<const std::byte>(directory);
  for (size_t i = 0; i < n_members; ++i) {
    members_.push_back(read_central_record(path_, rest));
    const size_t used = central_record_bytes(rest);
    if (used > rest.size()) fail_zip(path_, "its list of members is cut");
    rest = rest.subspan(used);
  }
}

ZipFile::~ZipFile() = default;

const ZipMember& ZipFile::member(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &ZipMember::name);
  if (found == members_.end()) throw Error(Error::Code::invalid, fmt::format("{} holds no file {}", path_, name));
  return *found;
}

bool ZipFile::holds(std::string_view name) const {
  return std::ranges::find(members_, name, &ZipMember::name) != members_.end();
}

std::string ZipFile::read(std::string_view name, uint64_t most_bytes) const {
  const ZipMember& found = member(name);
  if (found.bytes > most_bytes) {
    throw Error(Error::Code::invalid,
                fmt::format("{} in {} has {} bytes; at most {} are read", name, path_, found.bytes, most_bytes));
  }
  std::string bytes;  // grows with what is there, not with what is promised
  extract(found, [&](std::span<const std::byte> piece) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return bytes;
}

void ZipFile::extract(const ZipMember& member, const std::function<void(std::span<const std::byte>)>& sink) const {
  if (member.method != 0 && member.method != 8) {
    fail_zip(path_,
             fmt::format("{} is packed by method {} (stored and deflated are known)", member.name, member.method));
  }
  const ZipBytes local = file_->read(member.offset, kLocalRecord);
  if (!has_signature(local, "PK\3\4")) fail_zip(path_, "there is no member where its list says");
  uint64_t offset = member.offset + kLocalRecord + u16_at(local, 26) + u16_at(local, 28);

  CheckedSink checked(path_, member, sink);
  Inflater inflater(path_);
  for (uint64_t left = member.packed_bytes; left > 0;) {
    ZipBytes packed = file_->read(offset, std::min<uint64_t>(left, kZipWindow));
    offset += packed.size();
    left -= packed.size();
    member.method == 0 ? checked.write(packed) : inflater.feed(packed, checked);
  }
  checked.finish();
}

}  // namespace loam
