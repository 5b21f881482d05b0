#include "file/quantize.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "file/input_order.h"
#include "quant/block_format.h"

namespace loam {
namespace {

bool is_lossless(DType type) { return type == DType::f32 || type == DType::f16 || type == DType::bf16; }

// Types of so few bits that without an importance matrix a model of them writes nonsense.
bool needs_importance(DType type) {
  constexpr DType kTypes[] = {DType::iq1_s, DType::iq1_m, DType::iq2_xxs, DType::iq2_xs, DType::iq2_s};
  return std::ranges::find(kTypes, type) != std::end(kTypes);
}

void check_writable(const TensorInfo& tensor, DType type) {
  const BlockFormat *from = find_format(tensor.dtype), *to = find_format(type);
  if (from && to && to->encode) return;
  throw Error(Error::Code::unsupported,
              fmt::format("{} is {} and should become {}: loam cannot {} {}", tensor.name, name(tensor.dtype),
                          name(type), from ? "write" : "read", name(from ? type : tensor.dtype)),
              std::string(tensor.name));
}

// A column's importance is that of its input, whose number importance matrices go by.
std::vector<float> importance_of(const GgufFile& file, const TensorInfo& tensor, const ImportanceMatrix& importance) {
  std::vector<float> of_inputs = importance.importance_of(tensor);
  const TensorInfo* order = of_inputs.empty() ? nullptr : find_input_order(file, tensor);
  return order ? gathered<float>(of_inputs, read_input_order(file, *order)) : of_inputs;
}

}  // namespace

QuantizePlan::QuantizePlan(const GgufFile& file, const QuantizeOptions& options) : metadata_(file.metadata()) {
  if (options.mix->needs_weights && !options.importance)
    throw Error(
        Error::Code::invalid,
        fmt::format("{} needs an importance matrix (--imatrix FILE, as llama-imatrix writes it)", options.mix->name),
        "--imatrix");
  copy_ = {.metadata = &metadata_, .tensors = {}};
  const MixRules rules(*options.mix, file, options.importance != nullptr, options.pure);
  for (const TensorInfo& tensor : file.tensors()) add(file, tensor, rules, options);
  describe(options);
}

void QuantizePlan::add(const GgufFile& file, const TensorInfo& tensor, const MixRules& rules,
                       const QuantizeOptions& options) {
  DType type = tensor.dtype;
  const auto asked = options.type_of ? options.type_of(tensor.name) : std::nullopt;
  if (!MixRules::is_quantised(tensor)) {
    if (options.widen && is_lossless(type)) type = DType::f32;
  } else if (asked || !options.keep) {
    type = asked ? MixRules::fitting(*asked, tensor.shape.cols()) : rules.type_of(tensor);
    if (tensor.shape.cols() % info(asked.value_or(options.mix->type)).block_size != 0)
      misfits_.emplace_back(tensor.name);
  }
  CopiedTensor copied{&tensor, type};
  if (type != tensor.dtype) {
    check_writable(tensor, type);
    if (!is_lossless(tensor.dtype) && !is_lossless(type) && !options.requantize)
      throw Error(Error::Code::invalid,
                  fmt::format("{} is {} already: quantise the original, or lose more with --allow-requantize",
                              tensor.name, name(tensor.dtype)),
                  std::string(tensor.name));
    if (options.importance && !is_lossless(type)) {
      copied.importance = importance_.emplace_back(importance_of(file, tensor, *options.importance));
      if (copied.importance.empty()) without_importance_.emplace_back(tensor.name);
    }
    if (copied.importance.empty() && needs_importance(type))
      throw Error(
          Error::Code::invalid,
          fmt::format("{} would become {}, but the importance matrix does not know it", tensor.name, name(type)),
          "--imatrix");
  }
  bytes_before_ += tensor.bytes;
  bytes_after_ += bytes_of(type, tensor.shape.elements());
  copy_.tensors.push_back(copied);
}

// What readers expect to find in a quantised file.
void QuantizePlan::describe(const QuantizeOptions& options) {
  for (const char* key : {"split.no", "split.count", "split.tensors.count"}) metadata_.forget(key);
  metadata_.insert("general.file_type", {MetaType::u32, 0, 0, options.mix->file_type});
  metadata_.insert("general.quantization_version", {MetaType::u32, 0, 0, int64_t{2}});
  if (!options.importance) return;
  const auto text = [&](const std::string& value) -> MetaValue {
    return {MetaType::string, 0, 0, std::string_view(texts_.emplace_back(sanitize_utf8(value)))};
  };
  metadata_.insert("quantize.imatrix.file", text(options.importance_path));
  if (!options.importance->datasets.empty())
    metadata_.insert("quantize.imatrix.dataset", text(options.importance->datasets.front()));
  metadata_.insert("quantize.imatrix.entries_count",
                   {MetaType::u32, 0, 0, static_cast<int64_t>(options.importance->entries().size())});
  metadata_.insert("quantize.imatrix.chunks_count", {MetaType::u32, 0, 0, options.importance->n_chunks});
}

std::map<std::string_view, int64_t> QuantizePlan::tensors_by_type() const {
  std::map<std::string_view, int64_t> counts;
  for (const CopiedTensor& tensor : copy_.tensors) ++counts[name(tensor.dtype)];
  return counts;
}

}  // namespace loam
