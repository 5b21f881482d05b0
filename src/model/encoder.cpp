#include "model/encoder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/tensor_list.h"

namespace loam {
namespace {

// `pooling_type`; the numbers are GGUF's.
Pooling read_pooling(const Metadata& metadata, const std::string& arch) {
  const std::string key = arch + ".pooling_type";
  const int64_t type = metadata.integer(key).value_or(1);
  if (type == 1) return Pooling::mean;
  if (type == 2) return Pooling::first;
  throw Error(Error::Code::unsupported,
              fmt::format("{} is {}; loam pools the mean of all tokens (1) or the first (2)", key, type),
              fmt::format("hparam@{}", metadata.find(key)->offset));
}

}  // namespace

std::vector<std::string_view> Encoder::architectures() {
  std::vector<std::string_view> names;
  for (const EncoderArchitecture& a : kEncoders) names.push_back(a.name);
  return names;
}

bool Encoder::is_encoder(const Metadata& metadata) {
  const auto arch = metadata.string("general.architecture");
  return arch && std::ranges::find(kEncoders, *arch, &EncoderArchitecture::name) != std::end(kEncoders);
}

std::unique_ptr<Encoder> Encoder::create(const Weights& weights) {
  const std::string_view arch = weights.metadata().require_string("general.architecture");
  for (const EncoderArchitecture& a : kEncoders)
    if (a.name == arch) return a.make(weights);
  throw Error(
      Error::Code::unsupported,
      fmt::format("\"{}\" is no embedding model that loam runs (it runs {})", arch, fmt::join(architectures(), ", ")),
      fmt::format("general.architecture@{}", weights.metadata().find("general.architecture")->offset));
}

Encoder::Encoder(const Weights& weights)
    : config_(ModelConfig::read(weights.metadata())),
      weights_(weights),
      pooling_(read_pooling(weights.metadata(), config_.arch)) {
  check_tensors(config_, weights.file());
}

Tensor Encoder::embed(Context& context, const Batch& batch) const {
  const Tensor hidden = forward(context, batch);
  Ops f(context);
  if (pooling_ == Pooling::mean) return f.mean_rows(hidden, batch.spans);
  std::vector<int32_t> first;
  for (const BatchSpan& span : batch.spans) first.push_back(span.first_row);
  return f.rows(hidden, first);
}

}  // namespace loam
