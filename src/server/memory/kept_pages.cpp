#include "server/memory/kept_pages.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "engine/page_file.h"

namespace loam {
namespace {

// A line for each folder. No user's name begins with a dot.
std::string list_path(const std::string& memory_folder) { return memory_folder + "/.cache_folders"; }

std::set<std::string> noted_folders(const std::string& memory_folder) {
  std::set<std::string> folders;
  std::ifstream in(list_path(memory_folder));
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) folders.insert(line);
  return folders;
}

}  // namespace

void note_cache_folder(const std::string& memory_folder, const std::string& cache_folder) {
  std::error_code fault;
  std::set<std::string> folders = noted_folders(memory_folder);
  if (!folders.insert(std::filesystem::absolute(cache_folder, fault).lexically_normal()).second) return;
  std::string lines;
  for (const std::string& folder : folders) lines += folder + "\n";
  std::filesystem::create_directories(memory_folder, fault);
  try {
    write_file_atomically(list_path(memory_folder), lines);
  } catch (const Error& error) {
    log(LogLevel::warning, "what is forgotten while no server runs stays in the cache", {{"error", error.what()}});
  }
}

void forget_kept_pages(const std::string& memory_folder, std::span<const std::string> users) {
  for (const std::string& folder : noted_folders(memory_folder))
    for (const std::string& user : users) forget_pages_in(PageFiles::folder_in(folder), PageName::owner_of(user));
}

}  // namespace loam
