// An Encoder that is a model of text: it reads from left to right, and its last hidden states make the vectors.
#pragma once

#include <memory>
#include <span>

#include "model/encoder.h"
#include "model/model.h"

namespace loam {

// Qwen3-Embedding (arXiv 2506.05176) pools the last token, which has seen all others; E5-Mistral (arXiv 2401.00368)
// likewise. So do those that score: a head reads the last token's state. Keys and values live as long as a batch; long
// texts are read in pieces, with the same bits.
class PooledDecoder final : public Encoder {
 public:
  // Errors as Model::create.
  explicit PooledDecoder(const Weights& w);

  uint64_t bytes_at_work(int64_t n_rows) const override;

 protected:
  Tensor forward(Context& context, const Batch& batch, std::span<const int32_t> types) const override;

 private:
  const std::unique_ptr<const Model> model_;
};

}  // namespace loam
