#include "engine/engine_options.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "engine/fair_queue.h"

namespace loam {
namespace {

constexpr int kMaxThreads = 1024, kMaxParallel = 1024, kMaxDraft = 64, kMaxSlots = 1 << 16;
constexpr double kMaxWeight = 1e6;

void check_options(const EngineOptions& o) {
  check_option("threads", o.n_threads, 0, kMaxThreads);
  check_option("context", o.context, 0, kMaxContext);
  check_option("parallel", o.parallel, 1, kMaxParallel);
  check_option("chunk", o.chunk, 0, kMaxChunk);
  check_option("slots", o.slots, 0, kMaxSlots);
  check_option("draft", o.draft, 0, kMaxDraft);
}

}  // namespace

void check_option(const char* name, int64_t value, int64_t min, int64_t max) {
  if (value < min || value > max)
    throw Error(Error::Code::invalid, fmt::format("{} is {}; expected {} to {}", name, value, min, max), name);
}

// Beyond some hundred tokens, more of them do not make products with dense weights faster: they only take memory. Of a
// chunk's tokens, an expert sees few.
EngineOptions with_chunk(EngineOptions options, const ModelConfig& config) {
  constexpr int kDense = 256, kExperts = 512;
  if (options.chunk == 0) options.chunk = config.n_experts > 0 ? kExperts : kDense;
  return options;
}

void check_share(const StartOptions& options) {
  if (!(options.weight > 0 && options.weight <= kMaxWeight))  // NaN fails
    throw Error(Error::Code::invalid,
                fmt::format("weight is {}; expected a number above 0, up to {}", options.weight, kMaxWeight), "weight");
  check_option("priority", options.priority, -FairQueue::kMostPriority, FairQueue::kMostPriority);
}

int64_t logit_rows_at_once(const ModelConfig& config) { return std::max<int64_t>(1, (8 << 20) / config.n_vocab); }

void check_experts(int experts, int64_t n_experts) {
  if (n_experts == 0) throw Error(Error::Code::invalid, "this model has no experts to choose from", "experts");
  check_option("experts", experts, 1, n_experts);
}

std::vector<std::vector<float>> router_biases(const ModelConfig& config, const std::vector<ExpertBias>& biases) {
  std::vector<std::vector<float>> by_layer;
  for (const ExpertBias& b : biases) {
    if (config.n_experts == 0)
      throw Error(Error::Code::invalid, "this model has no experts to choose from", "expert-bias");
    if (b.layer < 0 || b.layer >= config.n_layers || b.expert < 0 || b.expert >= config.n_experts ||
        !std::isfinite(b.bias))
      throw Error(Error::Code::invalid,
                  fmt::format("{}:{}={} is no bias; layers are 0 to {}, experts 0 to {}, and the number is finite",
                              b.layer, b.expert, b.bias, config.n_layers - 1, config.n_experts - 1),
                  "expert-bias");
    by_layer.resize(static_cast<size_t>(config.n_layers));
    auto& layer = by_layer[static_cast<size_t>(b.layer)];
    layer.resize(static_cast<size_t>(config.n_experts));
    layer[static_cast<size_t>(b.expert)] += b.bias;
  }
  return by_layer;
}

void apply_options(GgufFile& file, const EngineOptions& options) {
  check_options(options);
  Metadata& metadata = file.metadata();
  for (const std::string& text : options.overrides) metadata.apply_override(text);
  apply_rope_options(metadata, options.rope, options.context);
  if (options.experts == 0) return;
  const std::string arch(metadata.require_string("general.architecture"));
  check_experts(options.experts, metadata.integer(arch + ".expert_count").value_or(0));
  metadata.apply_override(fmt::format("{}.expert_used_count=int:{}", arch, options.experts));
}

}  // namespace loam
