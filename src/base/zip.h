// Reads single members of a zip archive (a Python wheel and a DOCX are such) without unpacking the rest.
// Format: PKWARE APPNOTE 6.3; stored and deflated members, no encryption, below 4 GiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

struct ZipMember {
  std::string name;
  uint64_t bytes = 0;         // unpacked
  uint64_t packed_bytes = 0;  // in the archive
  uint64_t offset = 0;        // of its local header
  uint32_t crc32 = 0;
  uint16_t method = 0;  // 0 stored, 8 deflated
};

class ZipFile {
 public:
  // Reads the list of members. Throws Error: not_found, io, or invalid where the archive is broken.
  explicit ZipFile(const std::string& path);
  ~ZipFile();
  ZipFile(const ZipFile&) = delete;
  ZipFile& operator=(const ZipFile&) = delete;

  std::span<const ZipMember> members() const { return members_; }
  // Error(invalid) naming the archive where there is no such member.
  const ZipMember& member(std::string_view name) const;
  // Whether there is one.
  bool holds(std::string_view name) const;
  // A member's bytes. Error(invalid) where there is no such member, or it has more than `most_bytes`: what it says is
  // its size is believed only as far as the limit, so that a small archive cannot fill the memory.
  std::string read(std::string_view name, uint64_t most_bytes) const;
  // Hands a member's bytes to `sink` in pieces of at most 64 KiB; length and CRC-32 are checked at the end. Throws
  // Error(invalid) where they, or the packed data, are wrong.
  void extract(const ZipMember& member, const std::function<void(std::span<const std::byte>)>& sink) const;

 private:
  struct File;
  std::string path_;
  std::unique_ptr<File> file_;
  std::vector<ZipMember> members_;
};

}  // namespace loam
