#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "file/gguf_header.h"

namespace loam {
namespace {

constexpr uint64_t kMaxKeyBytes = 65535;               // the format's limit
constexpr uint64_t kMaxTextBytes = uint64_t{1} << 30;  // no real text comes near; a length beyond it is not a length
constexpr uint64_t kMaxItems = uint64_t{1} << 31;
constexpr uint64_t kDecodedSlack = uint64_t{32} << 20;  // what decoded arrays may take beyond the rest of the file

// Reads values one after another and keeps account of the memory that decoded arrays take.
class ValueReader {
 public:
  ValueReader(ByteReader& reader, uint64_t file_size) : reader_(reader), file_size_(file_size) {}

  MetaValue read() {
    MetaValue value;
    value.type = read_type();
    value.offset = reader_.position();
    switch (value.type) {
      case MetaType::u8: value.value = number<uint8_t, int64_t>(); break;
      case MetaType::i8: value.value = number<int8_t, int64_t>(); break;
      case MetaType::u16: value.value = number<uint16_t, int64_t>(); break;
      case MetaType::i16: value.value = number<int16_t, int64_t>(); break;
      case MetaType::u32: value.value = number<uint32_t, int64_t>(); break;
      case MetaType::i32: value.value = number<int32_t, int64_t>(); break;
      case MetaType::i64: value.value = number<int64_t, int64_t>(); break;
      case MetaType::u64: value.value = number<uint64_t, uint64_t>(); break;
      case MetaType::f32: value.value = number<float, double>(); break;
      case MetaType::f64: value.value = number<double, double>(); break;
      case MetaType::boolean: value.value = boolean(); break;
      case MetaType::string: value.value = read_gguf_text(reader_); break;
      case MetaType::array: value.value = array(); break;
    }
    value.end = reader_.position();
    return value;
  }

 private:
  MetaType read_type() {
    const uint64_t at = reader_.position();
    const auto type = reader_.read<uint32_t>("a value's type");
    if (type > static_cast<uint32_t>(MetaType::f64))
      throw_gguf_error("type", at, fmt::format("value type {} does not exist (0 to 12 do)", type));
    return static_cast<MetaType>(type);
  }

  template <class T, class Wide>
  Wide number() {
    return static_cast<Wide>(reader_.read<T>("a value"));
  }

  bool boolean() {
    const auto byte = reader_.read<uint8_t>("a boolean");
    if (byte > 1)
      throw_gguf_error("bool", reader_.position() - 1, fmt::format("a boolean is {}, neither 0 nor 1", byte));
    return byte == 1;
  }

  MetaArray array() {
    MetaArray array;
    const uint64_t at = reader_.position();
    array.type = read_type();
    const auto n = reader_.read<uint64_t>("an array's length");
    if (n > kMaxItems) throw_gguf_error("array", at + 4, fmt::format("an array of {} items", n));
    switch (array.type) {
      case MetaType::u8: array.items = numbers<uint8_t, int64_t>(n); break;
      case MetaType::i8: array.items = numbers<int8_t, int64_t>(n); break;
      case MetaType::u16: array.items = numbers<uint16_t, int64_t>(n); break;
      case MetaType::i16: array.items = numbers<int16_t, int64_t>(n); break;
      case MetaType::u32: array.items = numbers<uint32_t, int64_t>(n); break;
      case MetaType::i32: array.items = numbers<int32_t, int64_t>(n); break;
      case MetaType::i64: array.items = numbers<int64_t, int64_t>(n); break;
      case MetaType::u64: array.items = unsigned_numbers(n); break;
      case MetaType::f32: array.items = numbers<float, double>(n); break;
      case MetaType::f64: array.items = numbers<double, double>(n); break;
      case MetaType::boolean: array.items = booleans(n); break;
      case MetaType::string: array.items = texts(n); break;
      case MetaType::array: throw_gguf_error("type", at, "an array of arrays, which no model uses, is not supported");
    }
    return array;
  }

  template <class T, class Wide>
  std::vector<Wide> numbers(uint64_t n) {
    const auto bytes = reader_.take(n * sizeof(T), "an array");
    account(n * sizeof(Wide));
    std::vector<Wide> values(n);
    for (uint64_t i = 0; i < n; ++i) {
      T value;
      std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
      values[i] = static_cast<Wide>(value);
    }
    return values;
  }

  std::vector<int64_t> booleans(uint64_t n) {
    std::vector<int64_t> values = numbers<uint8_t, int64_t>(n);
    const auto bad = std::find_if(values.begin(), values.end(), [](int64_t v) { return v > 1; });
    if (bad != values.end()) {
      throw_gguf_error("bool", reader_.position() - static_cast<uint64_t>(values.end() - bad),
                       fmt::format("a boolean is {}, neither 0 nor 1", *bad));
    }
    return values;
  }

  std::vector<int64_t> unsigned_numbers(uint64_t n) {
    std::vector<int64_t> values = numbers<uint64_t, int64_t>(n);
    const auto bad = std::find_if(values.begin(), values.end(), [](int64_t v) { return v < 0; });
    if (bad != values.end()) {
      throw_gguf_error("array", reader_.position() - 8 * static_cast<uint64_t>(values.end() - bad),
                       fmt::format("an array holds {}, more than 2^63 - 1", static_cast<uint64_t>(*bad)));
    }
    return values;
  }

  std::vector<std::string_view> texts(uint64_t n) {
    constexpr uint64_t kLengthBytes = 8;  // the least that each takes in the file
    if (n > reader_.remaining() / kLengthBytes) reader_.take(n * kLengthBytes, "an array of text");
    account(n * sizeof(std::string_view));
    std::vector<std::string_view> values(n);
    for (std::string_view& value : values) value = read_gguf_text(reader_);
    return values;
  }

  void account(uint64_t bytes) {
    decoded_ += bytes;
    if (decoded_ + reader_.position() <= file_size_ + kDecodedSlack) return;
    throw_gguf_error(
        "array", reader_.position(),
        fmt::format("metadata arrays would take {} bytes of memory, more than the file of {} bytes justifies", decoded_,
                    file_size_));
  }

  ByteReader& reader_;
  uint64_t file_size_;
  uint64_t decoded_ = 0;
};

}  // namespace

void throw_gguf_error(const char* field, uint64_t offset, std::string message) {
  throw Error(Error::Code::model_invalid, std::move(message), fmt::format("{}@{}", field, offset));
}

std::string_view read_gguf_text(ByteReader& reader) {
  const auto length = reader.read<uint64_t>("a text's length");
  if (length > kMaxTextBytes)
    throw_gguf_error("string", reader.position() - 8, fmt::format("a text of {} bytes", length));
  return reader.text(length, "a text");
}

std::string_view read_gguf_name(ByteReader& reader, uint64_t max_bytes, const char* field) {
  const uint64_t at = reader.position();
  const std::string_view name = read_gguf_text(reader);
  if (name.empty()) throw_gguf_error(field, at, fmt::format("an empty {}", field));
  if (name.size() > max_bytes) {
    throw_gguf_error(field, at,
                     fmt::format("a {} of {} bytes, more than {}: \"{}…\"", field, name.size(), max_bytes,
                                 escape_control(name.substr(0, 40))));
  }
  const bool clean = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == 127; });
  if (!clean) {
    throw_gguf_error(field, at,
                     fmt::format("a {} with control characters: \"{}\"", field, escape_control(name.substr(0, 256))));
  }
  return name;
}

Metadata read_gguf_metadata(ByteReader& reader, uint64_t n_keys, uint64_t file_size) {
  Metadata metadata;
  ValueReader values(reader, file_size);
  for (uint64_t i = 0; i < n_keys; ++i) {
    const uint64_t at = reader.position();
    const std::string_view key = read_gguf_name(reader, kMaxKeyBytes, "key");
    if (metadata.has(key)) throw_gguf_error("key", at, fmt::format("the key \"{}\" stands twice", key));
    metadata.insert(std::string(key), values.read());
  }
  return metadata;
}

}  // namespace loam
