// A folder of packed weights: what the first load of a model wrote, the next ones map.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/input_file.h"

namespace loam {

// Which packed weights: equal identities have equal bytes.
struct PackedIdentity {
  std::string source;  // the model file's path
  std::string digest;  // hexadecimal, of everything that the bytes depend on
  uint64_t bytes = 0;
};

// A file that is being written; without a name, so that it is gone unless it is kept.
class PackedWriter {
 public:
  PackedWriter(int descriptor, std::string path, std::string trailer, uint64_t bytes);
  ~PackedWriter();
  PackedWriter(const PackedWriter&) = delete;
  PackedWriter& operator=(const PackedWriter&) = delete;

  int descriptor() const { return descriptor_; }
  // Error(io), for example where the disk is full.
  void write(uint64_t offset, std::span<const std::byte> bytes) const;
  // Completes the file and gives it its name.
  void keep() const;

 private:
  int descriptor_;
  std::string path_, trailer_;
  uint64_t bytes_;
};

// A file's bytes may be trusted once they are on the disk, or as long as the system that wrote them runs. So a file is
// kept under a name that ends in the boot's id, without waiting for the disk; a load more than a minute later, when the
// system has written it back anyway, makes sure of that and drops the id. After a crash files with another boot's id
// are removed unread.
class PackedFolder {
 public:
  // An empty path: nothing is found and nothing kept.
  explicit PackedFolder(std::string path) : path_(std::move(path)) {}

  // nullptr where there is none that is whole.
  std::unique_ptr<InputFile> open(const PackedIdentity& identity) const;
  // nullptr where the folder cannot be written or would leave less than 4 GiB of the disk free. Files of the same model
  // with another digest, and those whose model is gone, are removed first.
  std::unique_ptr<PackedWriter> create(const PackedIdentity& identity) const;
  // Removes what was kept for a model file.
  void remove(const std::string& source) const;

 private:
  std::string path_;
};

}  // namespace loam
