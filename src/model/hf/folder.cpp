#include "model/hf/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"
#include "file/quantised_file.h"
#include "file/safetensors.h"
#include "model/encoder.h"
#include "model/hf/decoder_tensors.h"
#include "model/hf/dense_modules.h"
#include "model/hf/encoder.h"
#include "model/hf/judge.h"
#include "model/hf/sentence_transformers.h"
#include "model/hf/tokenizer_files.h"
#include "model/pooling.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

class OpenFolder final : public GgufFile {
 public:
  OpenFolder(const std::string& folder, MapMode mode) : path_(folder) {
    for (const std::string& path : safetensors_of_model(folder)) files_.emplace_back(path);
    const std::string config = fs::path(folder) / "config.json";
    const nlohmann::json json = read_json_file(config);
    if (is_hf_encoder(json)) {
      metadata_ = read_hf_encoder(folder, texts_);
      add_all(encoder_tensors(json, files_));
    } else {
      HfConfig hf = read_hf_config(json.dump(), config);
      std::vector<NamedSource> tensors = decoder_tensors(hf, files_);
      metadata_ = std::move(hf.metadata);
      const auto arch = std::string(metadata_.require_string("general.architecture"));
      read_tokenizer_files(folder, metadata_.require_integer(arch + ".vocab_size"), metadata_, texts_);
      read_causality(json, arch);
      if (!add_judge(folder, json, metadata_, texts_, tensors)) read_embedding(arch);
      add_all(std::move(tensors));
    }
    narrow_integers();
    sort_tensors();
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
    const TensorSource& source = source_of(tensor);
    LOAM_CHECK(begin <= tensor.bytes && size <= tensor.bytes - begin);
    if (const StoredTensor* place = source.stored()) return place->file->bytes(*place->info, begin, size, scratch);
    const uint64_t row = source.row_bytes(), first = begin / row, last = (begin + size + row - 1) / row;
    if (scratch.size() < (last - first) * row) scratch.resize((last - first) * row);
    source.read_rows(static_cast<int64_t>(first), static_cast<int64_t>(last), scratch.data());
    return std::span(scratch).subspan(begin - first * row, size);
  }
  void release(const TensorInfo& tensor, uint64_t begin, uint64_t size) const override {
    if (const StoredTensor* place = source_of(tensor).stored()) place->file->release(*place->info, begin, size);
  }

 private:
  // Whether tokens see their whole text.
  void read_causality(const nlohmann::json& config, const std::string& arch) {
    const auto is = [&](const char* name, bool value) { return config.value(name, nlohmann::json()) == value; };
    if (is("is_causal", false) || is("use_bidirectional_attention", true))
      metadata_.insert(arch + ".attention.causal", {.type = MetaType::boolean, .value = false});
  }

  // Of a model whose hidden states make vectors.
  void read_embedding(const std::string& arch) {
    int64_t pooling = read_pooling_type(path_);
    if (pooling == 0 && !Encoder::is_encoder(metadata_)) return;
    if (pooling == 0) pooling = kMeanPooling;
    metadata_.insert(arch + ".pooling_type", {.type = MetaType::i64, .value = pooling});
    read_sequence_length(path_, metadata_);
    read_prompts(path_, metadata_, texts_);
  }

  // As GGUF files have whole numbers; other programs accept no others.
  void narrow_integers() {
    std::vector<std::pair<std::string, int64_t>> narrow;
    for (const auto& [key, value] : metadata_.entries())
      if (const auto* number = std::get_if<int64_t>(&value.value); value.type == MetaType::i64 && number)
        if (*number >= 0 && *number <= UINT32_MAX) narrow.emplace_back(key, *number);
    for (const auto& [key, number] : narrow) metadata_.insert(key, {.type = MetaType::u32, .value = number});
  }

  // A tensor's `part` is its source's place here.
  const TensorSource& source_of(const TensorInfo& tensor) const { return *sources_[static_cast<size_t>(tensor.part)]; }

  // The model's tensors, and those of the modules behind it.
  void add_all(std::vector<NamedSource> tensors) {
    add_dense_modules(path_, metadata_, files_, tensors);
    for (NamedSource& tensor : tensors) add(std::move(tensor));
  }

  void add(NamedSource tensor) {
    const StoredTensor* place = tensor.source->stored();
    tensors_.push_back({.name = texts_.emplace_back(std::move(tensor.name)),
                        .dtype = tensor.source->type(),
                        .shape = tensor.source->shape(),
                        .part = static_cast<int>(sources_.size()),
                        .offset = place ? place->info->offset : 0,
                        .bytes = tensor.source->bytes()});
    sources_.push_back(std::move(tensor.source));
  }

  void sort_tensors() {
    std::ranges::sort(tensors_, {}, &TensorInfo::name);
    const auto twice = std::ranges::adjacent_find(tensors_, {}, &TensorInfo::name);
    if (twice != tensors_.end())
      throw Error(Error::Code::model_invalid, fmt::format("{} stands in the folder twice", twice->name), "name@0");
  }

  const std::string path_;
  std::deque<std::string> texts_;  // that metadata and names view
  Metadata metadata_;
  std::deque<SafetensorsFile> files_;
  std::vector<SourcePtr> sources_;
  std::vector<TensorInfo> tensors_;  // by name
};

}  // namespace

std::unique_ptr<GgufFile> open_hf_folder(const std::string& folder, MapMode mode) {
  return std::make_unique<OpenFolder>(folder, mode);
}

std::unique_ptr<GgufFile> open_model(const std::string& path, MapMode mode, std::string_view quant) {
  std::error_code fault;
  auto file = fs::is_directory(path, fault) ? open_hf_folder(path, mode) : GgufFile::open(path, mode);
  return quant.empty() ? std::move(file) : quantised(std::move(file), quant);
}

}  // namespace loam
