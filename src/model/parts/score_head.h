// What turns a cross-encoder's pooled hidden states into scores.
#pragma once

#include "model/parts/norm.h"
#include "model/pooling.h"
#include "model/weights.h"
#include "ops/ops.h"

namespace loam {

struct ScoreHeadSpec {
  bool gelu = false;                 // behind the first layer; else tanh
  Pooling pooling = Pooling::first;  // where the file does not say
};

// cls.output · norm(a(cls · x)): tensors cls (dim, dim) and cls.norm, which may be missing, and cls.output (1, dim),
// with biases where the file has them. A cls (1, dim) alone is the output. A cls.output (2, dim) whose rows the file
// calls "yes" and "no" (<arch>.classifier.output_labels) gives the difference of their logits: how likely yes is.
class ScoreHead {
 public:
  // `w` is the whole model's. Errors as Weights, and Error(unsupported) for a head with several other
  // labels.
  ScoreHead(const Weights& w, int64_t dim, const ScoreHeadSpec& spec, float epsilon);

  // (n, dim) → (n, 1)
  Tensor operator()(Ops& f, const Tensor& pooled) const;

  // Whether a file has one.
  static bool is_in(const GgufFile& file);

 private:
  const ScoreHeadSpec spec_;
  int yes_ = -1;  // the row of that label, where there are two
  Linear dense_, output_;
  Norm norm_;
};

}  // namespace loam
