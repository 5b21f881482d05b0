// Builds GGUF files in memory, right ones and wrong ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "file/metadata.h"
#include "tensor/dtype.h"

namespace loam::test {

// Little-endian bytes, one value after another.
class Bytes {
 public:
  template <class T>
  Bytes& put(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& raw(std::string_view bytes) {
    text_.append(bytes);
    return *this;
  }
  // A length and the text, as GGUF stores it.
  Bytes& text(std::string_view text) { return put<uint64_t>(text.size()).raw(text); }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

// Call key(…) and tensor(…) as often as needed, then bytes(). The public members override what bytes() would write.
class GgufBuilder {
 public:
  uint32_t version = 3;
  uint64_t alignment = 32;  // of the data; the key general.alignment is only written by key()
  std::string magic = "GGUF";
  uint64_t extra_keys = 0, extra_tensors = 0;  // added to the counts in the header

  // Numbers, bool and text by their C++ type: key("a", uint32_t{3}), key("b", "text"), key("c", 1.5f).
  template <class T>
  GgufBuilder& key(std::string_view name, const T& value) {
    Bytes bytes;
    if constexpr (std::is_convertible_v<T, std::string_view>)
      bytes.text(value);
    else
      bytes.put(value);
    return raw_key(name, static_cast<uint32_t>(type_of<T>()), bytes.str());
  }

  template <class T>
  GgufBuilder& array(std::string_view name, const std::vector<T>& items) {
    Bytes bytes;
    bytes.put(static_cast<uint32_t>(type_of<T>())).template put<uint64_t>(items.size());
    for (const T& item : items) {
      if constexpr (std::is_convertible_v<T, std::string_view>)
        bytes.text(item);
      else
        bytes.put(item);
    }
    return raw_key(name, static_cast<uint32_t>(MetaType::array), bytes.str());
  }

  // A key with any type number and value bytes.
  GgufBuilder& raw_key(std::string_view name, uint32_t type, std::string_view value) {
    keys_.text(name).put(type).raw(value);
    ++n_keys_;
    return *this;
  }

  // A tensor with its data (padded by bytes()); `dims` innermost first, as in the file.
  GgufBuilder& tensor(std::string_view name, std::vector<uint64_t> dims, DType dtype, std::string_view data) {
    raw_tensor(name, static_cast<uint32_t>(dims.size()), dims, static_cast<uint32_t>(dtype), data_.size());
    data_.append(data);
    data_.resize((data_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }
  GgufBuilder& tensor(std::string_view name, std::vector<uint64_t> dims, const std::vector<float>& values) {
    return tensor(name, std::move(dims), DType::f32,
                  {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  }

  // Only the entry in the list of tensors, with any numbers.
  GgufBuilder& raw_tensor(std::string_view name, uint32_t rank, const std::vector<uint64_t>& dims, uint32_t dtype,
                          uint64_t offset) {
    tensors_.text(name).put(rank);
    for (const uint64_t dim : dims) tensors_.put(dim);
    tensors_.put(dtype).put(offset);
    ++n_tensors_;
    return *this;
  }

  // The header without padding or data.
  std::string header() const {
    Bytes header;
    header.raw(magic).put(version).put(n_tensors_ + extra_tensors).put(n_keys_ + extra_keys);
    return header.raw(keys_.str()).raw(tensors_.str()).str();
  }
  std::string bytes() const {
    std::string file = header();
    if (n_tensors_ > 0) file.resize((file.size() + alignment - 1) / alignment * alignment);
    return file + data_;
  }

 private:
  template <class T>
  static MetaType type_of() {
    if constexpr (std::is_same_v<T, bool>) return MetaType::boolean;
    if constexpr (std::is_convertible_v<T, std::string_view>) return MetaType::string;
    if constexpr (std::is_same_v<T, float>) return MetaType::f32;
    if constexpr (std::is_same_v<T, double>) return MetaType::f64;
    if constexpr (std::is_same_v<T, uint8_t>) return MetaType::u8;
    if constexpr (std::is_same_v<T, int8_t>) return MetaType::i8;
    if constexpr (std::is_same_v<T, uint16_t>) return MetaType::u16;
    if constexpr (std::is_same_v<T, int16_t>) return MetaType::i16;
    if constexpr (std::is_same_v<T, uint32_t>) return MetaType::u32;
    if constexpr (std::is_same_v<T, int32_t>) return MetaType::i32;
    if constexpr (std::is_same_v<T, uint64_t>) return MetaType::u64;
    return MetaType::i64;
  }

  Bytes keys_, tensors_;
  std::string data_;
  uint64_t n_keys_ = 0, n_tensors_ = 0;
};

}  // namespace loam::test
