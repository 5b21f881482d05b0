// Sizes as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace loam {

// "512 B", "98.4 MB", "1.1 GB": decimal units, as disks and networks are sold.
std::string human_bytes(uint64_t bytes);

std::string with_commas(int64_t n);  // "65,536"

}  // namespace loam
