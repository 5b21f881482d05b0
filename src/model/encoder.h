// A text encoder: the constructor binds tensors, `embed` turns texts into vectors. One subclass per architecture.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "model/model_config.h"
#include "model/weights.h"
#include "ops/ops.h"

namespace loam {

// How the rows of a text become one vector.
enum class Pooling { mean, first };

class Encoder {
 public:
  virtual ~Encoder() = default;
  // One vector for each span of the batch → (n_spans, dim), in the context's arena. Positions count from 0 in each
  // text, and stay below the config's context_length.
  Tensor embed(Context& context, const Batch& batch) const;
  const ModelConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }

  // Builds the encoder of `general.architecture`; Weights::load must follow before it runs. Error(unsupported) where
  // that is none of the known architectures, Error(model_invalid) as ModelConfig and Weights say.
  static std::unique_ptr<Encoder> create(const Weights& weights);
  static std::vector<std::string_view> architectures();
  // Whether a model file makes vectors, not text.
  static bool is_encoder(const Metadata& metadata);

 protected:
  explicit Encoder(const Weights& weights);
  // → hidden states (n_rows, dim)
  virtual Tensor forward(Context& context, const Batch& batch) const = 0;

  const ModelConfig config_;

 private:
  const Weights weights_;  // keeps the tensors' memory
  const Pooling pooling_;
};

}  // namespace loam
