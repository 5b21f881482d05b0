// What is forgotten must not stay behind in pages that models have read and --cache-dir keeps: in which folders there
// are such, and how a user's are deleted, also while no server runs.
#pragma once

#include <span>
#include <string>

namespace loam {

// Beside the users' memories it is kept that servers have pages in this folder, too.
void note_cache_folder(const std::string& memory_folder, const std::string& cache_folder);
// Deletes the pages of these users from all folders that were noted.
void forget_kept_pages(const std::string& memory_folder, std::span<const std::string> users);

}  // namespace loam
