// Any bytes as a GGUF file: an Error or a file whose every tensor can be read, nothing else.
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "base/error.h"
#include "file/gguf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto file = loam::GgufFile::parse(std::as_bytes(std::span(data, size)));
    std::vector<std::byte> scratch;
    for (const loam::TensorInfo& tensor : file->tensors()) {
      uint8_t sum = 0;
      for (const std::byte b : file->bytes(tensor, 0, tensor.bytes, scratch)) sum ^= std::to_integer<uint8_t>(b);
      LOAM_CHECK(file->find(tensor.name) == &tensor);
      LOAM_CHECK(tensor.bytes <= size && sum <= 0xff);
    }
  } catch (const loam::Error&) {
  }
  return 0;
}
