// Hugging Face folders for tests: safetensors files of given tensors, and the tiny models of tests/data/hf.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "quant/block_format.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/support.h"

namespace loam::test {

// A folder that is removed again.
class HfFolder {
 public:
  HfFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "loam_hf_XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~HfFolder() { std::filesystem::remove_all(path_); }
  HfFolder(const HfFolder&) = delete;
  HfFolder& operator=(const HfFolder&) = delete;

  const std::string& path() const { return path_; }
  void write(const std::string& name, const nlohmann::json& json) const {
    std::ofstream(path_ + "/" + name) << json.dump();
  }

 private:
  std::string path_;
};

// A safetensors file, tensor by tensor.
class SafetensorsWriter {
 public:
  void add(const std::string& name, const char* dtype, const std::vector<int64_t>& shape, std::string bytes) {
    header_[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {data_.size(), data_.size() + bytes.size()}}};
    data_ += bytes;
  }
  // Numbers of a plain type.
  void add(const std::string& name, DType type, const std::vector<int64_t>& shape, const std::vector<float>& values) {
    std::string bytes(bytes_of(type, static_cast<int64_t>(values.size())), '\0');
    if (!values.empty()) find_format(type)->encode(values.data(), static_cast<int64_t>(values.size()), bytes.data());
    add(name, type == DType::f32 ? "F32" : type == DType::f16 ? "F16" : "BF16", shape, std::move(bytes));
  }
  void save(const std::string& path) const {
    const std::string text = header_.dump();
    std::ofstream(path, std::ios::binary) << Bytes().put<uint64_t>(text.size()).raw(text).raw(data_).str();
  }

 private:
  nlohmann::json header_ = nlohmann::json::object();
  std::string data_;
};

template <class T>
std::string raw_bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// Bytes from splitmix64, seeded by FNV-1a of the name: the weights of scripts/make_hf_golden.py.
inline std::vector<int> named_bytes(const std::string& name, size_t n) {
  uint64_t seed = 0xCBF29CE484222325;
  for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  std::vector<int> out(n);
  for (int& value : out) {
    uint64_t z = seed += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    value = static_cast<int>((z ^ z >> 31) >> 56);
  }
  return out;
}

inline size_t count_of(const std::vector<int64_t>& shape) {
  size_t n = 1;
  for (const int64_t dim : shape) n *= static_cast<size_t>(dim);
  return n;
}

inline std::vector<float> named_values(const std::string& name, const std::vector<int64_t>& shape, bool norm) {
  std::vector<float> out;
  for (const int k : named_bytes(name, count_of(shape)))
    out.push_back(norm ? 1 + static_cast<float>((k >> 2) - 32) / 128 : static_cast<float>(k - 128) / 512);
  return out;
}

// A model of tests/data/hf: {"config", "ids", "tensors", "rows"}.
inline nlohmann::json read_tiny(const std::string& name) {
  return nlohmann::json::parse(std::ifstream(source_path("tests/data/hf/" + name + ".json")));
}

inline bool is_tiny_norm(const std::string& tensor, const std::string& model) {
  std::string lower = tensor;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  return lower.find("norm") != std::string::npos && lower.ends_with("weight") && !model.starts_with("gemma");
}

inline void write_tiny(const HfFolder& folder, const std::string& name, const nlohmann::json& model, DType type) {
  folder.write("config.json", model["config"]);
  SafetensorsWriter writer;
  for (const auto& [tensor, shape] : model["tensors"].items())
    writer.add(tensor, type, shape.get<std::vector<int64_t>>(),
               named_values(tensor, shape.get<std::vector<int64_t>>(), is_tiny_norm(tensor, name)));
  writer.save(folder.path() + "/model.safetensors");
}

}  // namespace loam::test
