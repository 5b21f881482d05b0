#include "file/quantised_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "file/gguf_copy.h"
#include "file/quant_mix.h"
#include "file/quantize.h"

namespace loam {
namespace {

// Elements that are converted at once: a multiple of every block size.
constexpr int64_t kConvertedElements = int64_t{1} << 18;

class QuantisedFile final : public GgufFile {
 public:
  QuantisedFile(std::unique_ptr<GgufFile> original, std::vector<CopiedTensor> conversions, const QuantMix& mix)
      : original_(std::move(original)), conversions_(std::move(conversions)), mix_(mix) {
    std::ranges::sort(conversions_, {}, [](const CopiedTensor& c) { return c.source->name; });
    for (const CopiedTensor& conversion : conversions_) {
      TensorInfo tensor = *conversion.source;
      tensor.dtype = conversion.dtype;
      tensor.bytes = bytes_of(tensor.dtype, tensor.shape.elements());
      tensors_.push_back(tensor);
    }
  }

  void map() override { original_->map(); }
  Metadata& metadata() override { return original_->metadata(); }
  const Metadata& metadata() const override { return std::as_const(*original_).metadata(); }
  void forget(std::string_view key) override { original_->forget(key); }
  std::span<const TensorInfo> tensors() const override { return tensors_; }
  const TensorInfo* find(std::string_view name) const override {
    const auto found = std::ranges::lower_bound(tensors_, name, {}, &TensorInfo::name);
    return found != tensors_.end() && found->name == name ? &*found : nullptr;
  }
  uint32_t version() const override { return original_->version(); }
  uint64_t file_bytes() const override { return original_->file_bytes(); }
  const std::string& path() const override { return original_->path(); }
  std::string fingerprint() const override {
    const std::string own = original_->fingerprint();
    return own.empty() ? own : fmt::format("{}{}\n", own, mix_.name);
  }
  bool computes(const TensorInfo& tensor) const override {
    const CopiedTensor& conversion = conversion_of(tensor);
    return conversion.dtype != conversion.source->dtype || original_->computes(*conversion.source);
  }

  std::span<const std::byte> bytes(const TensorInfo& tensor, uint64_t begin, uint64_t size,
                                   std::vector<std::byte>& scratch) const override {
    const CopiedTensor& conversion = conversion_of(tensor);
    if (conversion.dtype == conversion.source->dtype) return original_->bytes(*conversion.source, begin, size, scratch);
    LOAM_CHECK(begin <= tensor.bytes && size <= tensor.bytes - begin);
    const auto block = static_cast<uint64_t>(info(tensor.dtype).block_bytes);
    const uint64_t first = begin / block, last = (begin + size + block - 1) / block;
    if (scratch.size() < (last - first) * block) scratch.resize((last - first) * block);
    convert(conversion, first, last, scratch.data());
    return std::span(scratch).subspan(begin - first * block, size);
  }
  void release(const TensorInfo& tensor, uint64_t begin, uint64_t size) const override {
    const CopiedTensor& conversion = conversion_of(tensor);  // of what was converted, the source is released at once
    if (conversion.dtype == conversion.source->dtype) original_->release(*conversion.source, begin, size);
  }

 private:
  const CopiedTensor& conversion_of(const TensorInfo& tensor) const {
    const TensorInfo* own = find(tensor.name);
    LOAM_CHECK(own);
    return conversions_[static_cast<size_t>(own - tensors_.data())];
  }

  // Writes blocks [first, last) of the new type.
  void convert(const CopiedTensor& conversion, uint64_t first, uint64_t last, std::byte* out) const {
    const auto block = static_cast<int64_t>(info(conversion.dtype).block_size);
    const int64_t end = static_cast<int64_t>(last) * block;
    ConversionScratch scratch;
    for (int64_t begin = static_cast<int64_t>(first) * block, n; begin < end; begin += n) {
      n = std::min(kConvertedElements, end - begin);
      convert_elements(*original_, conversion, begin, n, scratch, out);
      out += bytes_of(conversion.dtype, n);
    }
  }

  const std::unique_ptr<GgufFile> original_;
  std::vector<CopiedTensor> conversions_;  // of all tensors, by name
  const QuantMix& mix_;
  std::vector<TensorInfo> tensors_;  // in the same order
};

}  // namespace

std::unique_ptr<GgufFile> quantised(std::unique_ptr<GgufFile> file, std::string_view mix) {
  const QuantMix& found = find_quant_mix_or_fail(mix, "--quant");
  if (found.needs_weights)
    throw Error(
        Error::Code::invalid,
        fmt::format("{0} needs an importance matrix: make a file with `loam quantize IN OUT {0} --imatrix FILE`",
                    found.name),
        "--quant");
  for (const TensorInfo& tensor : file->tensors())
    if (MixRules::is_quantised(tensor) && info(tensor.dtype).block_size > 1)
      throw Error(Error::Code::invalid,
                  fmt::format("{} is {} already; only models in F32, F16 or BF16 are quantised as they are loaded",
                              tensor.name, name(tensor.dtype)),
                  "--quant");
  std::vector<CopiedTensor> conversions = QuantizePlan(*file, {.mix = &found}).copy().tensors;
  return std::make_unique<QuantisedFile>(std::move(file), std::move(conversions), found);
}

}  // namespace loam
