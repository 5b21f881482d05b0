// Files that are replaced as a whole.
#pragma once

#include <string>
#include <string_view>

namespace loam {

// Writes beside `path` and renames: readers see the old file or the new one, never half of it; only its owner may read
// it. Error(io).
void write_file_atomically(const std::string& path, std::string_view bytes);

}  // namespace loam
