// What turns a cross-encoder's pooled hidden states into scores.
#pragma once

#include "model/parts/norm.h"
#include "model/weights.h"
#include "ops/ops.h"

namespace loam {

struct ScoreHeadSpec {
  bool gelu = false;        // behind the first layer; else tanh
  bool pools_mean = false;  // where the file does not say; else the first token
};

// cls.output · norm(a(cls · x)): tensors cls (dim, dim) and cls.norm, which may be missing, and cls.output (1, dim),
// with biases where the file has them. A cls (1, dim) alone is the output.
class ScoreHead {
 public:
  // `w` is the whole model's. Errors as Weights, and Error(unsupported) for a head with several labels.
  ScoreHead(const Weights& w, int64_t dim, const ScoreHeadSpec& spec, float epsilon);

  // (n, dim) → (n, 1)
  Tensor operator()(Ops& f, const Tensor& pooled) const;

  // Whether a file has one.
  static bool is_in(const GgufFile& file);

 private:
  const ScoreHeadSpec spec_;
  Linear dense_, output_;
  Norm norm_;
};

}  // namespace loam
