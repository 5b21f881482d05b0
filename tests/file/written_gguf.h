// A GGUF file with metadata of every type and three tensors, as loam writes it.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "file/gguf.h"
#include "file/gguf_writer.h"

namespace loam::test {

inline MetaArray numbers_of(MetaType type, std::vector<int64_t> items) {
  return {.type = type, .items = std::move(items)};
}

// A key of every type, at its limits.
inline Metadata every_type() {
  Metadata metadata;
  const auto integer = [&](const char* key, MetaType type, int64_t value) {
    metadata.insert(key, {type, 0, 0, value});
  };
  integer("u8", MetaType::u8, 255);
  integer("i8", MetaType::i8, -128);
  integer("u16", MetaType::u16, 65535);
  integer("i16", MetaType::i16, -32768);
  integer("u32", MetaType::u32, 4294967295);
  integer("i32", MetaType::i32, std::numeric_limits<int32_t>::min());
  integer("i64", MetaType::i64, std::numeric_limits<int64_t>::min());
  metadata.insert("u64", {MetaType::u64, 0, 0, std::numeric_limits<uint64_t>::max()});
  metadata.insert("f32", {MetaType::f32, 0, 0, double{0.1f}});
  metadata.insert("f64", {MetaType::f64, 0, 0, 0.1});
  metadata.insert("bool", {MetaType::boolean, 0, 0, true});
  metadata.insert("text", {MetaType::string, 0, 0, std::string_view("на 한 \n")});
  metadata.insert("general.architecture", {MetaType::string, 0, 0, std::string_view("test")});
  metadata.insert("a.u8", {MetaType::array, 0, 0, numbers_of(MetaType::u8, {0, 255})});
  metadata.insert("a.i16", {MetaType::array, 0, 0, numbers_of(MetaType::i16, {-32768, 7})});
  metadata.insert("a.u64", {MetaType::array, 0, 0, numbers_of(MetaType::u64, {0, INT64_MAX})});
  metadata.insert("a.bool", {MetaType::array, 0, 0, numbers_of(MetaType::boolean, {1, 0, 1})});
  metadata.insert("a.none", {MetaType::array, 0, 0, numbers_of(MetaType::i32, {})});
  metadata.insert("a.f32", {MetaType::array, 0, 0, MetaArray{MetaType::f32, std::vector<double>{1.5, -2.0}}});
  metadata.insert("a.text",
                  {MetaType::array, 0, 0, MetaArray{MetaType::string, std::vector<std::string_view>{"", "b\tc"}}});
  return metadata;
}

inline std::vector<std::byte> pattern(uint64_t n, int seed) {
  std::vector<std::byte> bytes(n);
  for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>((i * 31 + static_cast<size_t>(seed)) & 0xFF);
  return bytes;
}

// Three tensors of other types; the data of each arrives in two pieces, the later first.
inline void write_small_gguf(const std::string& path, const Metadata& metadata) {
  GgufWriter writer(metadata, {{"norm", DType::f32, {5}}, {"q", DType::q8_0, {3, 64}}, {"e", DType::f16, {2, 3, 4}}});
  writer.open(path);
  for (size_t t = 3; t-- > 0;) {
    const auto bytes = pattern(writer.bytes_of(t), static_cast<int>(t));
    writer.write(t, 4, std::span(bytes).subspan(4));
    writer.write(t, 0, std::span(bytes).first(4));
  }
  writer.keep();
}

inline std::vector<std::byte> all_bytes(const GgufFile& file, const char* name) {
  const TensorInfo* tensor = file.find(name);
  EXPECT_NE(tensor, nullptr) << name;
  std::vector<std::byte> scratch;
  const auto view = file.bytes(*tensor, 0, tensor->bytes, scratch);
  return {view.begin(), view.end()};
}

inline size_t n_files(const std::string& folder) {
  return static_cast<size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

}  // namespace loam::test
