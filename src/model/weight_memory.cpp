#include "model/weight_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "base/error.h"

namespace loam {
namespace {

constexpr size_t kAlignment = 64;  // of every tensor: a cache line

size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

}  // namespace

WeightMemory::~WeightMemory() {
  for (const Block& b : blocks_) ::munmap(b.mapping, b.mapping_bytes);
}

void WeightMemory::reserve(size_t bytes) {
  const size_t wanted = round_up(std::max(bytes, block_bytes_), kHugePage), with_slack = wanted + kHugePage;
  void* memory = ::mmap(nullptr, with_slack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  const size_t offset = size();
  auto* mapping = static_cast<std::byte*>(memory);
  auto* data = reinterpret_cast<std::byte*>(round_up(reinterpret_cast<uintptr_t>(mapping), kHugePage));
  blocks_.push_back(
      {.data = data, .reserved = wanted, .offset = offset, .used = 0, .mapping = mapping, .mapping_bytes = with_slack});
}

std::byte* WeightMemory::allocate(size_t bytes) {
  bytes = round_up(bytes, kAlignment);
  if (blocks_.empty() || blocks_.back().reserved - blocks_.back().used < bytes) reserve(bytes);
  Block& block = blocks_.back();
  std::byte* address = block.data + block.used;
  block.used += bytes;
  return address;
}

size_t WeightMemory::size() const {
  return blocks_.empty() ? 0 : blocks_.back().offset + round_up(blocks_.back().used, kHugePage);
}

size_t WeightMemory::offset(const std::byte* address) const {
  for (const Block& b : blocks_)
    if (address >= b.data && address < b.data + b.reserved) return b.offset + static_cast<size_t>(address - b.data);
  LOAM_CHECK(!"an address that was not allocated here");
  return 0;
}

const WeightMemory::Block& WeightMemory::block_at(size_t offset) const {
  const auto next = std::ranges::upper_bound(blocks_, offset, {}, &Block::offset);
  LOAM_CHECK(next != blocks_.begin());
  return *std::prev(next);
}

std::byte* WeightMemory::address(size_t offset) const {
  const Block& block = block_at(offset);
  return block.data + (offset - block.offset);
}

size_t WeightMemory::end_of_run(size_t begin, size_t end) const {
  const Block& block = block_at(begin);
  return std::min(end, block.offset + round_up(block.used, kHugePage));
}

void WeightMemory::commit() {
  for (const Block& b : blocks_) {
    const size_t bytes = round_up(b.used, kHugePage);
    if (::mprotect(b.data, bytes, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    ::madvise(b.data, bytes, MADV_HUGEPAGE);
  }
}

void WeightMemory::write(size_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const size_t n = end_of_run(offset, offset + bytes.size()) - offset;
    std::memcpy(address(offset), bytes.data(), n);
    offset += n;
    bytes = bytes.subspan(n);
  }
}

void WeightMemory::map(int descriptor) {
  for (const Block& b : blocks_) {
    const size_t bytes = round_up(b.used, kHugePage);
    if (bytes == 0) continue;
    void* mapped = ::mmap(b.data, bytes, PROT_READ, MAP_SHARED | MAP_FIXED, descriptor, static_cast<off_t>(b.offset));
    if (mapped == MAP_FAILED)
      throw Error(Error::Code::io, std::string("cannot map packed weights: ") + std::strerror(errno));
    ::madvise(b.data, bytes, MADV_HUGEPAGE);
  }
}

bool WeightMemory::read_in(size_t begin, size_t size) const {
  return ::madvise(address(begin), size, MADV_POPULATE_READ) == 0 || errno == EINVAL;
}

}  // namespace loam
