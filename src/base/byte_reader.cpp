#include "base/byte_reader.h"

#include <fmt/format.h>

#include <bit>

#include "base/error.h"

namespace loam {

static_assert(std::endian::native == std::endian::little, "file formats are read as they lie in memory");

void ByteReader::throw_truncated(uint64_t n, const char* what) const {
  throw Error(
      Error::Code::model_invalid,
      fmt::format("{} needs {} bytes at byte {}, but the file ends at byte {}: it is incomplete, fetch it again", what,
                  n, position_, bytes_.size()),
      fmt::format("truncated@{}", position_));
}

}  // namespace loam
