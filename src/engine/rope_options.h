// How a caller stretches rotary positions beyond the trained length.
#pragma once

#include <cstdint>
#include <string>

#include "file/metadata.h"

namespace loam {

struct RopeOptions {
  std::string scaling = {};  // "none", "linear" or "yarn"; empty: as the model says
  double factor = 0;         // ≥1; 0: as the model says, or what the context asked for needs
  int64_t original = 0;      // trained length before stretching; 0: as the model says
};

// Puts the options into the metadata, whose own values stand where an option is not given. The model's length becomes
// the original one times the factor. `context`: as asked for, or 0. Error(invalid) naming the option that is out of
// range, missing, or without meaning.
void apply_rope_options(Metadata& metadata, const RopeOptions& options, int64_t context);

// "context 65,536 is beyond the trained 32,768: …", or nothing.
std::string beyond_trained_length(const Metadata& metadata, int64_t context);

}  // namespace loam
