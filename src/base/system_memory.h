// How much memory this process may still take, and how to write an amount of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace loam {

// Bytes: the system's MemAvailable, or what the process's control group (v2 or v1, with all its parents) or its address
// space (ulimit -v) leaves of its limit where that is less. Cached file pages that can be dropped count as free.
// nullopt where the system does not say. `root` stands for "/" in tests.
std::optional<uint64_t> available_memory(const std::string& root = "");

std::string format_bytes(uint64_t bytes);  // "5.2 GiB", "94 MiB", "512 B"

}  // namespace loam
