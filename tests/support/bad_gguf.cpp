#include "tests/support/bad_gguf.h"

#include <algorithm>
#include <cmath>

namespace loam::test {
namespace {

constexpr uint32_t kText = 8, kArray = 9;
constexpr uint32_t kF32 = 0, kQ4_K = 12, kI8 = 24;
constexpr uint64_t kTooMany = uint64_t{1} << 63;

GgufBuilder with_version(uint32_t version) {
  GgufBuilder file;
  file.version = version;
  return file;
}

GgufBuilder with_magic(const char* magic) {
  GgufBuilder file;
  file.magic = magic;
  return file;
}

GgufBuilder with_counts(uint64_t n_tensors, uint64_t n_keys) {
  GgufBuilder file;
  file.extra_tensors = n_tensors;
  file.extra_keys = n_keys;
  return file;
}

GgufBuilder with_value(uint32_t type, const Bytes& value) { return GgufBuilder().raw_key("a", type, value.str()); }

GgufBuilder with_alignment(uint32_t alignment) { return GgufBuilder().key("general.alignment", alignment); }

GgufBuilder with_tensor(const std::string& name, uint32_t rank, const std::vector<uint64_t>& dims,
                        uint32_t dtype = kF32, uint64_t offset = 0) {
  return GgufBuilder().raw_tensor(name, rank, dims, dtype, offset);
}

std::string nested_arrays(int depth) {
  Bytes value;
  for (int i = 0; i < depth; ++i) value.put(kArray).put<uint64_t>(1);
  return value.put<uint32_t>(0).put<uint64_t>(1).put<uint8_t>(1).str();
}

// Tensors of 2^61 bytes, one behind the other, until the sum wraps to 0.
GgufBuilder with_wrapping_sum() {
  GgufBuilder file;
  for (uint64_t i = 0; i < 8; ++i) file.raw_tensor("t" + std::to_string(i), 1, {uint64_t{1} << 61}, kI8, i << 61);
  return file;
}

GgufBuilder with_overlap() {
  return with_tensor("a", 1, {16}).raw_tensor("b", 1, {16}, kF32, 32).tensor("c", {64}, std::vector<float>(64));
}

}  // namespace

std::vector<BadGguf> bad_ggufs() {
  const std::string ansi = "\x1B[31mred";
  const auto bytes = [](const GgufBuilder& file) { return file.bytes(); };
  return {
      {1, "nothing", "truncated", ""},
      {1, "only the type", "truncated", "GGUF"},
      {2, "another type", "magic", bytes(with_magic("GGUG"))},
      {2, "an older type", "magic", bytes(with_magic("ggjt"))},
      {2, "safetensors", "magic", std::string("\x10\0\0\0\0\0\0\0{\"a\":{}}", 16)},
      {2, "zip", "magic", "PK\x03\x04 archive/data.pkl"},
      {2, "pickle", "magic", "\x80\x02}q\x01."},
      {2, "web page", "magic", "\n<!DOCTYPE html><title>404</title>"},
      {2, "Git LFS pointer", "magic", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"},
      {2, "version with swapped bytes", "magic", bytes(with_version(0x03000000))},
      {3, "version 0", "version", bytes(with_version(0))},
      {3, "version 1", "version", bytes(with_version(1))},
      {3, "version 4", "version", bytes(with_version(4))},
      {3, "version 2^32 - 1", "version", bytes(with_version(UINT32_MAX))},
      {4, "2^63 keys", "count", bytes(with_counts(0, kTooMany))},
      {4, "-1 keys", "count", bytes(with_counts(0, UINT64_MAX))},
      {5, "2^63 tensors", "count", bytes(with_counts(kTooMany, 0))},
      {6, "text of 2^64 - 1 bytes", "string", bytes(with_value(kText, Bytes().put(UINT64_MAX)))},
      {6, "key of 2^64 - 1 bytes", "string", with_counts(0, 1).bytes() + Bytes().put(UINT64_MAX).str()},
      {6, "text of 2^64 - 1 bytes in an array", "string",
       bytes(with_value(kArray, Bytes().put(kText).put<uint64_t>(1).put(UINT64_MAX)))},
      {7, "array of 2^40 bytes", "array", bytes(with_value(kArray, Bytes().put<uint32_t>(0).put(uint64_t{1} << 40)))},
      {7, "array of 2^63 texts", "array", bytes(with_value(kArray, Bytes().put(kText).put(kTooMany)))},
      {7, "array of 2^61 doubles, 2^64 bytes", "array",
       bytes(with_value(kArray, Bytes().put<uint32_t>(12).put(uint64_t{1} << 61)))},
      {8, "arrays nested 10^4 deep", "type", GgufBuilder().raw_key("a", kArray, nested_arrays(10000)).bytes()},
      {9, "value type 13", "type", bytes(with_value(13, Bytes().put<uint64_t>(0)))},
      {9, "value type -1", "type", bytes(with_value(UINT32_MAX, Bytes().put<uint64_t>(0)))},
      {9, "element type 13", "type", bytes(with_value(kArray, Bytes().put<uint32_t>(13).put<uint64_t>(0)))},
      {9, "boolean 2", "bool", bytes(with_value(7, Bytes().put<uint8_t>(2)))},
      {9, "boolean 2 in an array", "bool",
       bytes(with_value(kArray, Bytes().put<uint32_t>(7).put<uint64_t>(2).put<uint8_t>(1).put<uint8_t>(2)))},
      {10, "duplicate key", "key", GgufBuilder().key("a", 1.0f).key("a", 2.0f).bytes()},
      {10, "empty key", "key", GgufBuilder().key("", 1.0f).bytes()},
      {10, "NUL in a key", "key", GgufBuilder().key(std::string("a\0b", 3), 1.0f).bytes()},
      {10, "key of 64 KiB", "key", GgufBuilder().key(std::string(65536, 'k'), 1.0f).bytes()},
      {11, "alignment 0", "alignment", bytes(with_alignment(0))},
      {11, "alignment 3", "alignment", bytes(with_alignment(3))},
      {11, "alignment 2^31", "alignment", bytes(with_alignment(uint32_t{1} << 31))},
      {12, "alignment as int32", "type", GgufBuilder().key("general.alignment", int32_t{32}).bytes()},
      {12, "alignment as text", "type", GgufBuilder().key("general.alignment", "32").bytes()},
      {13, "5 dimensions", "rank", bytes(with_tensor("a", 5, {1, 1, 1, 1, 1}))},
      {13, "2^32 - 1 dimensions", "rank", bytes(with_tensor("a", UINT32_MAX, {1}))},
      {13, "no dimension", "rank", bytes(with_tensor("a", 0, {}))},
      {14, "dimension -1", "dim", bytes(with_tensor("a", 1, {UINT64_MAX}))},
      {14, "dimension 0", "dim", bytes(with_tensor("a", 2, {4, 0}))},
      {15, "dimensions whose product wraps", "overflow",
       bytes(with_tensor("a", 2, {(uint64_t{1} << 42) + 1, uint64_t{1} << 22}))},
      {15, "dimensions whose product wraps to 0", "overflow",
       bytes(with_tensor("a", 4, {1 << 16, 1 << 16, 1 << 16, 1 << 16}))},
      {16, "2^64 - 4 bytes", "overflow", bytes(with_tensor("a", 1, {(uint64_t{1} << 62) - 1}))},
      {17, "sum of sizes that wraps", "overflow", bytes(with_wrapping_sum())},
      {18, "tensor type 9999", "type", bytes(with_tensor("a", 1, {4}, 9999))},
      {18, "tensor type -1", "type", bytes(with_tensor("a", 1, {4}, UINT32_MAX))},
      {18, "tensor type 4, removed", "type", bytes(with_tensor("a", 1, {32}, 4))},
      {18, "tensor type 31, removed", "type", bytes(with_tensor("a", 1, {32}, 31))},
      {19, "row of 255 in blocks of 256", "shape", bytes(with_tensor("a", 2, {255, 256}, kQ4_K))},
      {20, "offset past the end", "bounds", bytes(with_tensor("a", 1, {4}, kF32, 1 << 20))},
      {21, "unaligned offset", "offset", bytes(with_tensor("a", 1, {4}, kF32, 4))},
      {21, "overlapping tensors", "offset", bytes(with_overlap())},
      {21, "offset 2^64 - 32", "offset", bytes(with_tensor("a", 1, {4}, kF32, UINT64_MAX - 31))},
      {22, "duplicate tensor", "name", GgufBuilder().tensor("a", {1}, {1.0f}).tensor("a", {1}, {1.0f}).bytes()},
      {22, "tensor name of 64 bytes", "name", GgufBuilder().tensor(std::string(64, 'n'), {1}, {1.0f}).bytes()},
      {22, "empty tensor name", "name", GgufBuilder().tensor("", {1}, {1.0f}).bytes()},
      {22, "terminal control codes in a tensor name", "name", GgufBuilder().tensor(ansi, {1}, {1.0f}).bytes()},
      {27, "65535 parts", "split",
       GgufBuilder().key("split.no", uint16_t{0}).key("split.count", uint16_t{65535}).bytes()},
      {27, "part 3 of 2", "split", GgufBuilder().key("split.no", uint16_t{2}).key("split.count", uint16_t{2}).bytes()},
      {27, "a part without the others", "split", GgufBuilder().key("split.count", uint16_t{2}).bytes()},
  };
}

std::vector<BadGguf> bad_models() {
  const std::string heads = "llama.attention.head_count";
  return {
      {24, "0 layers", "hparam", tiny_llama({{"llama.block_count", 0}})},
      {24, "513 layers", "hparam", tiny_llama({{"llama.block_count", 513}})},
      {24, "2^31 layers", "hparam", tiny_llama({{"llama.block_count", uint32_t{1} << 31}})},
      {24, "0 heads", "hparam", tiny_llama({{heads, 0}})},
      {24, "more heads than features", "hparam", tiny_llama({{heads, 33}})},
      {24, "heads that the key heads do not divide", "hparam", tiny_llama({{heads + "_kv", 3}})},
      {24, "0 features", "hparam", tiny_llama({{"llama.embedding_length", 0}})},
      {25, "NaN as rope base", "hparam", tiny_llama({}, NAN)},
      {25, "0 as rope base", "hparam", tiny_llama({}, 0)},
      {25, "more experts used than there are", "hparam",
       tiny_llama({{"llama.expert_count", 2}, {"llama.expert_used_count", 3}})},
      {26, "a norm wider than the features", "shape", tiny_llama({}, 10000, "blk.0.attn_norm.weight")},
      {26, "a matrix wider than the features", "shape", tiny_llama({}, 10000, "blk.0.attn_q.weight")},
      {26, "an embedding wider than the features", "shape", tiny_llama({}, 10000, "token_embd.weight")},
  };
}

GgufBuilder good_gguf() {
  return GgufBuilder()
      .key("u8", uint8_t{1})
      .key("i8", int8_t{-1})
      .key("u16", uint16_t{2})
      .key("i16", int16_t{-2})
      .key("u32", uint32_t{3})
      .key("i32", int32_t{-3})
      .key("u64", uint64_t{4})
      .key("i64", int64_t{-4})
      .key("f32", 0.5f)
      .key("f64", 0.25)
      .key("bool", true)
      .key("text", "some text")
      .array<int32_t>("numbers", {1, 2, 3})
      .array<std::string>("texts", {"a", "", "ccc"})
      .tensor("first", {8, 4}, std::vector<float>(32, 1.5f))
      .tensor("second", {32, 2}, DType::q8_0, std::string(68, '\x01'))
      .tensor("third", {3}, {1, 2, 3});
}

std::string tiny_llama(const std::vector<std::pair<std::string, uint32_t>>& but, float rope_base,
                       const std::string& wide_tensor) {
  std::vector<std::pair<std::string, uint32_t>> keys = {{"llama.block_count", 1},
                                                        {"llama.context_length", 64},
                                                        {"llama.embedding_length", 32},
                                                        {"llama.feed_forward_length", 64},
                                                        {"llama.attention.head_count", 2},
                                                        {"llama.attention.head_count_kv", 2},
                                                        {"llama.vocab_size", 8}};
  for (const auto& [key, value] : but) {
    const auto found = std::find_if(keys.begin(), keys.end(), [&key = key](const auto& k) { return k.first == key; });
    if (found == keys.end())
      keys.emplace_back(key, value);
    else
      found->second = value;
  }
  GgufBuilder file;
  file.key("general.architecture", "llama");
  for (const auto& [key, value] : keys) file.key(key, value);
  file.key("llama.rope.freq_base", rope_base).key("llama.attention.layer_norm_rms_epsilon", 1e-5f);

  const auto add = [&](const std::string& name, uint64_t cols, uint64_t rows = 0) {
    if (name == wide_tensor) ++cols;
    std::vector<uint64_t> dims = {cols};
    if (rows > 0) dims.push_back(rows);
    file.tensor(name, dims, std::vector<float>(cols * std::max<uint64_t>(rows, 1), 0.125f));
  };
  add("token_embd.weight", 32, 8);
  add("output_norm.weight", 32);
  for (const char* norm : {"attn_norm", "ffn_norm"}) add("blk.0." + std::string(norm) + ".weight", 32);
  for (const char* matrix : {"attn_q", "attn_k", "attn_v", "attn_output"})
    add("blk.0." + std::string(matrix) + ".weight", 32, 32);
  for (const char* matrix : {"ffn_gate", "ffn_up"}) add("blk.0." + std::string(matrix) + ".weight", 32, 64);
  add("blk.0.ffn_down.weight", 64, 32);
  return file.bytes();
}

}  // namespace loam::test
