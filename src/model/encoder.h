// A text encoder: the constructor binds tensors, `embed` turns texts into vectors, or pairs of texts into scores. One
// subclass per architecture.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/model_config.h"
#include "model/parts/score_head.h"
#include "model/pooling.h"
#include "model/weights.h"
#include "ops/ops.h"

namespace loam {

// Says so in a file's metadata, whatever it said before: a model of text is then an encoder.
void set_pooling(Metadata& metadata, Pooling pooling);

class Encoder {
 public:
  virtual ~Encoder() = default;
  // One vector for each span of the batch → (n_spans, vector_dim()), in the context's arena; of a cross-encoder one
  // score → (n_spans, 1). Positions count from 0 in each text, and stay below the config's context_length. `types`: of
  // each row, 0 for a first text and 1 for a second, of models that tell them apart; all 0 where it is empty.
  Tensor embed(Context& context, const Batch& batch, std::span<const int32_t> types = {}) const;
  // Whether it is a cross-encoder, which scores how well two texts go together.
  bool scores() const { return head_.has_value(); }
  int64_t vector_dim() const { return dense_.empty() ? config_.dim : dense_.back().linear.weight.shape[0]; }
  const ModelConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  // Bytes in use while a batch of so many rows runs.
  virtual uint64_t bytes_at_work(int64_t n_rows) const;

  // Builds the encoder of `general.architecture`; Weights::load must follow before it runs. Error(unsupported) where
  // that is none of the known architectures, Error(model_invalid) as ModelConfig and Weights say.
  static std::unique_ptr<Encoder> create(const Weights& weights);
  static std::vector<std::string_view> architectures();
  // Whether a model file makes vectors or scores, not text: it is of an architecture that does, or says how its tokens
  // are pooled (<arch>.pooling_type).
  static bool is_encoder(const Metadata& metadata);
  // Whether an encoder's file scores pairs: it says so (<arch>.pooling_type), or has the head that does.
  static bool is_cross_encoder(const GgufFile& file);

 protected:
  // `head`: of those that are cross-encoders.
  explicit Encoder(const Weights& weights, const ScoreHeadSpec& head = {});
  // → hidden states (n_rows, dim). `types`: [n_rows]
  virtual Tensor forward(Context& context, const Batch& batch, std::span<const int32_t> types) const = 0;

  ModelConfig config_;  // which a subclass may complete

 private:
  // One of sentence-transformers' Dense modules.
  struct Dense {
    Linear linear;
    bool tanh = false;
  };

  void bind_dense(const std::string& name);
  Tensor pool(Ops& f, const Tensor& hidden, std::span<const BatchSpan> spans) const;

  const Weights weights_;  // keeps the tensors' memory
  std::optional<ScoreHead> head_;
  std::vector<Dense> dense_;  // that a pooled vector goes through
  Pooling pooling_ = Pooling::mean;
};

}  // namespace loam
