// The one bounds-checked reader of bytes that come from outside: every read is checked before memory is touched.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <type_traits>

namespace loam {

// Reads little-endian values one after another. A read past the end throws Error(model_invalid) with
// where = "truncated@<position>", naming `what` was wanted.
class ByteReader {
 public:
  // Makes the bytes [0, end) readable and returns how many are readable now (≥ end).
  using Fill = std::function<uint64_t(uint64_t end)>;

  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes), readable_(bytes.size()) {}
  // `bytes` is memory reserved for the whole input; `fill` brings in more of it before it is read.
  ByteReader(std::span<const std::byte> bytes, Fill fill) : bytes_(bytes), fill_(std::move(fill)) {}

  uint64_t position() const { return position_; }
  uint64_t remaining() const { return bytes_.size() - position_; }

  std::span<const std::byte> take(uint64_t n, const char* what) {
    if (n > remaining()) throw_truncated(n, what);
    if (position_ + n > readable_) readable_ = fill_(position_ + n);
    const auto taken = bytes_.subspan(position_, n);
    position_ += n;
    return taken;
  }

  template <class T>
  T read(const char* what) {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
    return value;
  }

  // A view into the bytes, valid as long as they are.
  std::string_view text(uint64_t n, const char* what) {
    const auto taken = take(n, what);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }

 private:
  [[noreturn]] void throw_truncated(uint64_t n, const char* what) const;

  std::span<const std::byte> bytes_;
  Fill fill_;
  uint64_t readable_ = 0, position_ = 0;
};

}  // namespace loam
