// The documents at a path: a file, or all files below a folder that loam reads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "memory/turn.h"

namespace loam {

struct DocumentFile {
  std::string path;  // absolute
  uint64_t n_bytes = 0;
};

struct DocumentFolder {
  std::string path;  // absolute
  bool is_folder = false;
  std::vector<DocumentFile> files;  // by path
  uint64_t n_bytes = 0;
  int64_t n_skipped = 0;  // files with other endings
};

// Hidden files and folders, and links within the folder, are left out. Error(not_found) where there is nothing at the
// path, Error(invalid) where it holds more than a million files.
DocumentFolder list_documents(const std::string& path);

UnixTime document_time(const std::string& path);  // of its last change; 0 where that is not known
bool is_document_file(const std::string& path);   // whether there is a file

}  // namespace loam
