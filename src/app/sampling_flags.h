// The options that choose how the next token is drawn, shared by chat and generate.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/sampler.h"

namespace loam {

class Command;

struct SamplingFlags {
  SamplingOptions options;
  int64_t seed = -1;                      // -1: a new one for every run
  std::vector<std::string> logit_bias;    // "ID=V"
  std::vector<std::string> dry_breakers;  // "none" alone: none; empty: the usual ones
};

void add_sampling_options(Command& command, SamplingFlags& flags);
// The options with the bias parsed and a seed drawn where none was given. Error(invalid) naming the option.
SamplingOptions sampling_options(const SamplingFlags& flags);

}  // namespace loam
