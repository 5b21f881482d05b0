#include "model/encoder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "model/arch/encoders.h"
#include "model/arch/list.h"
#include "model/both_ways.h"
#include "model/pooled_decoder.h"
#include "model/tensor_list.h"

namespace loam {
namespace {

constexpr int64_t kMostFeatures = 1 << 20;

Pooling read_pooling(const Metadata& metadata, const std::string& key, int64_t fallback) {
  const int64_t type = metadata.integer(key).value_or(fallback);
  if (type >= kMeanPooling && type <= kLastPooling) return static_cast<Pooling>(type);
  throw Error(Error::Code::unsupported,
              fmt::format("{} is {}; loam pools the mean of all tokens (1), the first (2) or the last (3)", key, type),
              fmt::format("hparam@{}", metadata.find(key)->offset));
}

std::unique_ptr<Encoder> make_pooled_decoder(const Weights& weights) {
  return std::make_unique<PooledDecoder>(weights);
}

// A tensor that does not fit is told by the hyperparameters that it contradicts, where the first layer's show them.
std::unique_ptr<Encoder> bind_encoder(std::unique_ptr<Encoder> (*make)(const Weights&), const Weights& weights) {
  try {
    return make(weights);
  } catch (const Error& e) {
    if (e.where().starts_with("shape@")) check_tensors(ModelConfig::read(weights.metadata()), weights.file());
    throw;
  }
}

}  // namespace

void set_pooling(Metadata& metadata, Pooling pooling) {
  metadata.insert(std::string(metadata.require_string("general.architecture")) + ".pooling_type",
                  {.type = MetaType::i64, .value = static_cast<int64_t>(pooling)});
}

std::vector<std::string_view> Encoder::architectures() {
  std::vector<std::string_view> names;
  for (const ListedEncoder& a : kListedEncoders) names.push_back(a.name);
  return names;
}

bool Encoder::is_encoder(const Metadata& metadata) {
  const auto arch = metadata.string("general.architecture");
  if (!arch) return false;
  if (std::ranges::find(kListedEncoders, *arch, &ListedEncoder::name) != std::end(kListedEncoders)) return true;
  if (std::ranges::find(kArchitectures, *arch, &Architecture::name) == std::end(kArchitectures)) return false;
  const int64_t pooling = metadata.integer(std::string(*arch) + ".pooling_type").value_or(0);
  return pooling >= kMeanPooling && pooling <= kRankPooling;  // 0 and -1 are "none" and "unknown"
}

// Converted cross-encoders have a head, but often no pooling that says so.
bool Encoder::is_cross_encoder(const GgufFile& file) {
  const auto arch = file.metadata().require_string("general.architecture");
  const auto pooling = file.metadata().integer(std::string(arch) + ".pooling_type");
  return pooling ? *pooling == kRankPooling : ScoreHead::is_in(file);
}

std::unique_ptr<Encoder> Encoder::create(const Weights& weights) {
  const std::string_view arch = weights.metadata().require_string("general.architecture");
  for (const ListedEncoder& a : kListedEncoders)
    if (a.name == arch) return bind_encoder(a.make, weights);
  if (is_encoder(weights.metadata()))
    return bind_encoder(sees_both_ways(weights.metadata()) ? make_both_ways : make_pooled_decoder, weights);
  throw Error(
      Error::Code::unsupported,
      fmt::format(
          "\"{}\" is no embedding model that loam runs (it runs {}, and models of text whose files say how their "
          "tokens are pooled; `loam embed --pooling last` says it for one that does not)",
          arch, fmt::join(architectures(), ", ")),
      fmt::format("general.architecture@{}", weights.metadata().find("general.architecture")->offset));
}

Encoder::Encoder(const Weights& weights, const ScoreHeadSpec& head)
    : config_(ModelConfig::read(weights.metadata())), weights_(weights) {
  const std::string key = config_.arch + ".pooling_type";
  if (is_cross_encoder(weights.file())) {
    head_.emplace(weights, config_.dim, head, config_.norm_epsilon);
    pooling_ =
        read_pooling(weights.metadata(), config_.arch + ".classifier.pooling_type", static_cast<int64_t>(head.pooling));
  } else {
    pooling_ = read_pooling(weights.metadata(), key, kMeanPooling);
    for (const char* name : {"dense_2", "dense_3"}) bind_dense(name);
  }
}

// Where the file has it.
void Encoder::bind_dense(const std::string& name) {
  if (weights_.file().find(name + ".weight") == nullptr) return;
  const std::string key = config_.arch + "." + name;
  const int64_t out = weights_.metadata().integer(key + "_feat_out", 1, kMostFeatures).value_or(config_.dim);
  const auto activation = weights_.metadata().string(key + "_activation").value_or("");
  if (!activation.empty() && activation != "tanh")
    throw Error(Error::Code::unsupported,
                fmt::format("{}_activation is \"{}\"; loam has code for tanh", key, escape_control(activation)),
                fmt::format("hparam@{}", weights_.metadata().find(key + "_activation")->offset));
  dense_.push_back({.linear = weights_.linear(name, {out, vector_dim()}), .tanh = activation == "tanh"});
}

uint64_t Encoder::bytes_at_work(int64_t n_rows) const {
  return static_cast<uint64_t>(n_rows) * static_cast<uint64_t>(8 * config_.dim + 2 * config_.ffn_dim) * sizeof(float);
}

Tensor Encoder::embed(Context& context, const Batch& batch, std::span<const int32_t> types) const {
  const std::vector<int32_t> of_first(types.empty() ? batch.tokens.size() : 0);
  const Tensor hidden = forward(context, batch, types.empty() ? of_first : types);
  Ops f(context);
  Tensor pooled = pool(f, hidden, batch.spans);
  for (const Dense& dense : dense_) {
    pooled = f.linear(pooled, dense.linear);
    if (dense.tanh) f.softcap(pooled, 1);
  }
  return head_ ? (*head_)(f, pooled) : pooled;
}

Tensor Encoder::pool(Ops& f, const Tensor& hidden, std::span<const BatchSpan> spans) const {
  if (pooling_ == Pooling::mean) return f.mean_rows(hidden, spans);
  std::vector<int32_t> rows;
  for (const BatchSpan& span : spans)
    rows.push_back(pooling_ == Pooling::first ? span.first_row : span.first_row + span.n_rows - 1);
  return f.rows(hidden, rows);
}

}  // namespace loam
