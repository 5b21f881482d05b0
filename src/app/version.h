// The version that `loam --version` and bench records report; CMake's project version.
#pragma once

namespace loam {
inline constexpr const char* kVersion = LOAM_VERSION;
}
