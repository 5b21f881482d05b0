// A language model: the constructor binds tensors, `forward` runs one batch. One subclass per architecture.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "model/kv_cache.h"
#include "model/model_config.h"
#include "model/weights.h"
#include "ops/ops.h"

namespace loam {

class Model {
 public:
  virtual ~Model() = default;
  // → logits (n_logit_rows, n_vocab), in the context's arena.
  virtual Tensor forward(Context& context, const Batch& batch, KvCache& cache) const = 0;
  const ModelConfig& config() const { return config_; }

  // Builds the model of `general.architecture`; Error(unsupported) listing the known ones where there is none.
  static std::unique_ptr<Model> create(const Weights& weights);
  static std::vector<std::string_view> architectures();

 protected:
  explicit Model(ModelConfig config) : config_(std::move(config)) {}
  ModelConfig config_;
};

}  // namespace loam
