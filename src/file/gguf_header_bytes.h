// The first bytes of a GGUF file in memory, read in pieces as its header is parsed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/byte_reader.h"
#include "base/input_file.h"
#include "tensor/tensor.h"

namespace loam {

// The header is always copied, even of a mapped file: names and vocabulary stay valid whatever happens to the file. The
// file must outlive the reader, the object what was parsed.
class HeaderBytes {
 public:
  explicit HeaderBytes(const InputFile& file)
      : file_(file), memory_(std::min(file.size(), kMaxHeaderBytes), /*huge_pages=*/false) {}

  ByteReader reader() {
    return ByteReader({memory_.data(), memory_.size()}, [this](uint64_t end) { return fill(end); });
  }

  void release(uint64_t begin, uint64_t end) const { memory_.release(begin, end); }
  std::span<const std::byte> first(uint64_t n) const { return {memory_.data(), n}; }  // of what has been read

 private:
  static constexpr uint64_t kMaxHeaderBytes = uint64_t{1} << 30;
  static constexpr uint64_t kPiece = uint64_t{128} << 10;

  uint64_t fill(uint64_t end) {
    const uint64_t goal = std::min<uint64_t>(std::max(end, filled_ + kPiece), memory_.size());
    file_.read(filled_, {memory_.data() + filled_, goal - filled_});
    return filled_ = goal;
  }

  const InputFile& file_;
  Buffer memory_;
  uint64_t filled_ = 0;
};

}  // namespace loam
