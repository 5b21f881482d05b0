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
  // → logits (n_logit_rows, n_vocab), in the context's arena; an empty tensor where the batch wants none.
  virtual Tensor forward(Context& context, const Batch& batch, KvCache& cache) const;
  // → what the head reads of those rows, (n_logit_rows, dim): the hidden states behind the last norm.
  virtual Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const = 0;
  const ModelConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }

  // Builds the model of `general.architecture`; Weights::load must follow before it runs. Error(unsupported) listing
  // the known architectures where this is none of them, Error(model_invalid) for a file that has no weights at all and
  // as ModelConfig and Weights say.
  static std::unique_ptr<Model> create(const Weights& weights);
  // The same for a file that Encoder::is_encoder says makes vectors, of hidden states: `forward` must not be called.
  static std::unique_ptr<Model> create_without_head(const Weights& weights);
  static std::vector<std::string_view> architectures();

 protected:
  explicit Model(const Weights& weights);
  // The embedding for row look-ups and the output head, one packed matrix where the file ties them. Of an embedding
  // model only the former.
  struct Ends {
    Tensor embed;
    Linear head;
  };
  void bind_ends();
  // → (n_rows, n_vocab) of hidden states
  virtual Tensor logits(Ops& f, const Tensor& hidden) const { return f.linear(hidden, ends_.head); }

  ModelConfig config_;
  Ends ends_;

 private:
  Weights weights_;  // keeps the tensors' memory
};

}  // namespace loam
