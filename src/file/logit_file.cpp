#include "file/logit_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "file/gguf_header.h"

namespace loam {
namespace {

constexpr std::string_view kType = "logits";
constexpr int kTokens = 0, kCodes = 1, kRanges = 2;  // the tensors' order

GgufWriter writer_of(const ScoredText& text) {
  Metadata metadata;
  metadata.insert("general.type", {MetaType::string, 0, 0, kType});
  metadata.insert("general.name", {MetaType::string, 0, 0, std::string_view(text.model)});
  metadata.insert("logits.window", {MetaType::u32, 0, 0, text.window});
  const int64_t n = text.n_scored();
  return GgufWriter(metadata, {{"tokens", DType::i32, {std::ssize(text.tokens)}},
                               {"codes", DType::i16, {n, text.n_vocab}},
                               {"ranges", DType::f32, {n, 2}}});
}

// The tensor of a name, type and rank.
const TensorInfo& tensor_of(const GgufFile& file, std::string_view name, DType type, int rank) {
  const TensorInfo* tensor = file.find(name);
  if (!tensor || tensor->dtype != type || tensor->shape.rank() != rank)
    throw_gguf_error("tensor", tensor ? tensor->offset : 0,
                     fmt::format("{} is no file of `loam perplexity --save-logits`: it lacks {}", file.path(), name));
  return *tensor;
}

// ln Σ exp(logit)
double log_total(std::span<const float> logits) {
  const float largest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

}  // namespace

int64_t ScoredText::n_scored() const {
  const auto n = std::ssize(tokens);
  const int64_t rest = n % window;
  return n / window * (window - 1) + std::max<int64_t>(rest - 1, 0);
}

LogitFileWriter::LogitFileWriter(const std::string& path, const ScoredText& text) : writer_(writer_of(text)) {
  writer_.open(path);
  writer_.write(kTokens, 0, std::as_bytes(std::span(text.tokens)));
}

void LogitFileWriter::add(int64_t row, std::span<const float> logits) {
  const auto [least, largest] = std::minmax_element(logits.begin(), logits.end());
  const double total = log_total(logits);
  const float step = (*largest - *least) / 65535;
  const std::array<float, 2> range{static_cast<float>(*least - total), step};
  codes_.resize(logits.size());
  for (size_t i = 0; i < logits.size(); ++i)
    codes_[i] = step > 0 ? static_cast<uint16_t>(std::lround((logits[i] - *least) / step)) : uint16_t{0};
  writer_.write(kCodes, static_cast<uint64_t>(row) * codes_.size() * 2, std::as_bytes(std::span(codes_)));
  writer_.write(kRanges, static_cast<uint64_t>(row) * sizeof range, std::as_bytes(std::span(range)));
}

LogitFile::LogitFile(const std::string& path) : file_(GgufFile::open(path)) {
  const TensorInfo& tokens = tensor_of(*file_, "tokens", DType::i32, 1);
  codes_ = &tensor_of(*file_, "codes", DType::i16, 2);
  ranges_ = &tensor_of(*file_, "ranges", DType::f32, 2);
  text_.tokens.resize(static_cast<size_t>(tokens.shape.elements()));
  std::memcpy(text_.tokens.data(), file_->bytes(tokens, 0, tokens.bytes, scratch_).data(), tokens.bytes);
  text_.window = file_->metadata().require_integer("logits.window", 2, INT32_MAX);
  text_.model = file_->metadata().string("general.name").value_or("");
  text_.n_vocab = codes_->shape.cols();
  if (codes_->shape.rows() != text_.n_scored() || ranges_->shape != Shape{text_.n_scored(), 2})
    throw_gguf_error("shape", codes_->offset,
                     fmt::format("{} has logits of {} tokens, but its text has {} to score", path, codes_->shape.rows(),
                                 text_.n_scored()));
}

std::span<const float> LogitFile::row(int64_t row) {
  const uint64_t bytes = static_cast<uint64_t>(text_.n_vocab) * 2;
  const auto codes = file_->bytes(*codes_, static_cast<uint64_t>(row) * bytes, bytes, scratch_);
  std::array<float, 2> range{};
  const auto raw = file_->bytes(*ranges_, static_cast<uint64_t>(row) * sizeof range, sizeof range, range_scratch_);
  std::memcpy(range.data(), raw.data(), sizeof range);
  values_.resize(static_cast<size_t>(text_.n_vocab));
  for (size_t i = 0; i < values_.size(); ++i) {
    uint16_t code;
    std::memcpy(&code, codes.data() + 2 * i, sizeof code);
    values_[i] = range[0] + range[1] * static_cast<float>(code);
  }
  return values_;
}

}  // namespace loam
