#include "model/hf_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "file/safetensors.h"
#include "model/hf_encoder.h"

namespace loam {
namespace {

constexpr struct {
  std::string_view safetensors;
  DType type;
} kStoredTypes[] = {{"F32", DType::f32}, {"F16", DType::f16}, {"BF16", DType::bf16}};

class OpenFolder final : public GgufFile {
 public:
  OpenFolder(const std::string& folder, MapMode mode) : path_(folder), metadata_(read_hf_encoder(folder, texts_)) {
    for (const std::string& path : safetensors_of_model(folder)) add_file(path);
    std::ranges::sort(tensors_, {}, &TensorInfo::name);
    const auto twice = std::ranges::adjacent_find(tensors_, {}, &TensorInfo::name);
    if (twice != tensors_.end())
      throw Error(Error::Code::model_invalid, fmt::format("{} stands in the folder twice", twice->name), "name@0");
    if (mode == MapMode::mapped) OpenFolder::map();
  }

  void map() override {
    for (SafetensorsFile& file : files_) file.map();
  }
  Metadata& metadata() override { return metadata_; }
  const Metadata& metadata() const override { return metadata_; }
  void forget(std::string_view key) override { metadata_.forget(key); }
  std::span<const TensorInfo> tensors() const override { return tensors_; }
  const TensorInfo* find(std::string_view name) const override {
    const auto found = std::ranges::lower_bound(tensors_, name, {}, &TensorInfo::name);
    return found != tensors_.end() && found->name == name ? &*found : nullptr;
  }
  uint32_t version() const override { return 0; }
  uint64_t file_bytes() const override {
    uint64_t bytes = 0;
    for (const SafetensorsFile& file : files_) bytes += file.size();
    return bytes;
  }
  const std::string& path() const override { return path_; }
  std::string fingerprint() const override {
    std::string text;
    for (const SafetensorsFile& file : files_) text += file.fingerprint() + "\n";
    return text;
  }

  std::span<const std::byte> bytes(const TensorInfo& tensor, uint64_t begin, uint64_t size,
                                   std::vector<std::byte>& scratch) const override {
    return files_[static_cast<size_t>(tensor.part)].bytes(place(tensor), begin, size, scratch);
  }
  void release(const TensorInfo& tensor, uint64_t begin, uint64_t size) const override {
    files_[static_cast<size_t>(tensor.part)].release(place(tensor), begin, size);
  }

 private:
  static SafetensorsInfo place(const TensorInfo& tensor) {
    return {.dtype = {}, .shape = {}, .offset = tensor.offset, .bytes = tensor.bytes};
  }

  void add_file(const std::string& path) {
    const SafetensorsFile& file = files_.emplace_back(path);
    for (const auto& [name, info] : file.tensors()) {
      const std::string gguf = gguf_name_of_encoder_tensor(name);
      if (!gguf.empty()) add_tensor(name, gguf, info);
    }
  }

  void add_tensor(const std::string& hugging, const std::string& name, const SafetensorsInfo& info) {
    const auto type = std::ranges::find(kStoredTypes, info.dtype, [](const auto& known) { return known.safetensors; });
    if (type == std::end(kStoredTypes))
      throw Error(Error::Code::unsupported,
                  fmt::format("{}: tensor {} is {}; loam reads F32, F16 and BF16", escape_control(files_.back().path()),
                              escape_control(hugging), escape_control(info.dtype)),
                  "dtype@8");
    tensors_.push_back({.name = texts_.emplace_back(name),
                        .dtype = type->type,
                        .shape = info.shape,
                        .part = static_cast<int>(files_.size()) - 1,
                        .offset = info.offset,
                        .bytes = info.bytes});
  }

  const std::string path_;
  std::deque<std::string> texts_;  // that metadata and names view
  Metadata metadata_;
  std::deque<SafetensorsFile> files_;
  std::vector<TensorInfo> tensors_;  // by name
};

}  // namespace

std::unique_ptr<GgufFile> open_hf_folder(const std::string& folder, MapMode mode) {
  return std::make_unique<OpenFolder>(folder, mode);
}

std::unique_ptr<GgufFile> open_model(const std::string& path, MapMode mode) {
  std::error_code fault;
  return std::filesystem::is_directory(path, fault) ? open_hf_folder(path, mode) : GgufFile::open(path, mode);
}

}  // namespace loam
