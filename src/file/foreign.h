// What a file that is no GGUF seems to be, so that the error can say what to do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loam {

inline constexpr uint64_t kForeignProbeBytes = 256;

// A sentence about a file that begins with `start` (at most kForeignProbeBytes are looked at).
std::string describe_foreign(std::string_view start);

}  // namespace loam
