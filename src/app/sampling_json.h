// Sampling options as parameters of a request.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/sampling_options.h"

namespace loam {

// The seed, and those that are not at their default, by the names of loam's API: what a profile of the server presets
// stays as it is.
nlohmann::ordered_json sampling_parameters_json(const SamplingOptions& options);

}  // namespace loam
