// Where packed weights live. Addresses are given out while a model is built and backed afterwards: by memory, or by a
// file that holds the same bytes already.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace loam {

inline constexpr size_t kHugePage = 2 << 20;  // blocks begin and end at multiples of it

class WeightMemory {
 public:
  // `block_bytes`: address space to reserve at a time, unless one request is larger.
  explicit WeightMemory(size_t block_bytes) : block_bytes_(block_bytes) {}
  ~WeightMemory();
  WeightMemory(const WeightMemory&) = delete;
  WeightMemory& operator=(const WeightMemory&) = delete;

  // An address aligned to 64 bytes. It must not be touched before it is backed. std::bad_alloc where the process has no
  // more address space.
  std::byte* allocate(size_t bytes);

  // All blocks, one after another, each padded to whole huge pages, are the bytes [0, size()) of a file.
  size_t size() const;
  size_t offset(const std::byte* address) const;  // of an allocated address
  // Where the block that holds `begin` ends, at most `end`.
  size_t end_of_run(size_t begin, size_t end) const;

  // Backs everything with zeroed memory, in huge pages where the system has them.
  void commit();
  // Fills committed memory with the bytes of a file from `offset` on.
  void write(size_t offset, std::span<const std::byte> bytes) const;
  // Backs everything with the first size() bytes of a file, read-only. Error(io) where it cannot be mapped.
  void map(int descriptor);
  // Reads in the pages of [begin, begin + size), which lie in one block, with one request. False where the file cannot
  // be read; on kernels before 5.14 nothing is done.
  bool read_in(size_t begin, size_t size) const;

 private:
  struct Block {
    std::byte* data;  // aligned to huge pages
    size_t reserved;
    size_t offset;  // in the file
    size_t used;
    std::byte* mapping;  // what was reserved, the alignment included
    size_t mapping_bytes;
  };

  const Block& block_at(size_t offset) const;
  std::byte* address(size_t offset) const;
  void reserve(size_t bytes);

  const size_t block_bytes_;
  std::vector<Block> blocks_;
};

}  // namespace loam
