// Norms of whole rows, and of the heads of queries and keys.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/weights.h"
#include "ops/ops.h"

namespace loam {

enum class NormKind { rms, layer };

class Norm {
 public:
  // None: gives its input back.
  Norm() = default;
  // Of rows of n features, with the bias that the file has. Errors as Weights.
  Norm(const Weights& w, std::string_view name, int64_t n, NormKind kind, float epsilon);
  // Without weights.
  Norm(NormKind kind, float epsilon);

  Tensor operator()(Ops& f, const Tensor& x) const;

 private:
  bool none_ = true;
  NormKind kind_ = NormKind::rms;
  Tensor weight_, bias_;
  float epsilon_ = 0;
};

// How queries and keys are normed.
struct HeadNormSpec {
  enum Over {
    none,
    head,       // each head, with a weight that all share (head_dim)
    each_head,  // each head, with a weight of its own (n_heads, head_dim)
    row,        // all heads together (n_heads · head_dim)
  };
  Over over = none;
  NormKind kind = NormKind::rms;
  bool weighted = true;
  bool optional = false;    // only where the file has the weight
  bool after_rope = false;  // else before the rotation
};

class HeadNorm {
 public:
  HeadNorm() = default;
  HeadNorm(const Weights& w, std::string_view name, int64_t n_heads, int64_t head_dim, const HeadNormSpec& spec,
           float epsilon);

  // In place, x (n_tokens, n_heads · head_dim).
  void operator()(Ops& f, Tensor& x) const;

 private:
  int64_t width_ = 0;  // features that are normed together; 0: none
  NormKind kind_ = NormKind::rms;
  Tensor weight_, bias_;
  float epsilon_ = 0;
};

}  // namespace loam
