// Sizes of layers with a state, as a file's `<arch>.ssm.*` keys give them.
#pragma once

#include <cstdint>

#include "file/metadata.h"

namespace loam {

struct SsmConfig {
  int kernel = 0;              // values that a convolution sees, the token's own included
  int64_t inner = 0;           // channels
  int64_t n_states = 0;        // of each channel; the delta rule's keys
  int64_t time_step_rank = 0;  // Mamba: of the step's projection; later layers: heads
  int64_t n_groups = 0;        // of heads that share keys and queries; Mamba has none
  bool norms = false;          // RMS norms of Mamba's step, b and c

  // Error(model_invalid) naming the key where one is missing, not between 1 and its bound, or does not divide another:
  // with `heads`, heads must divide the channels, and groups the heads.
  static SsmConfig read(const Metadata& metadata, bool heads);
};

// Of a short convolution without more, `<arch>.shortconv.l_cache`.
int short_convolution_kernel(const Metadata& metadata);

}  // namespace loam
