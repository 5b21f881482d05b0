#include "memory/documents/document_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "memory/documents/document_reader.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 1'000'000;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

void add_to(DocumentFolder& folder, const fs::directory_entry& entry) {
  std::error_code fault;
  const uint64_t bytes = entry.file_size(fault);
  folder.files.push_back({entry.path().string(), fault ? 0 : bytes});
  folder.n_bytes += folder.files.back().n_bytes;
  if (folder.files.size() <= kMostFiles) return;
  throw Error(Error::Code::invalid,
              fmt::format("{} holds more than {} files; add its folders one by one", folder.path, kMostFiles));
}

void walk_folder(DocumentFolder& folder) {
  std::error_code fault;
  auto at = fs::recursive_directory_iterator(folder.path, fs::directory_options::skip_permission_denied, fault);
  for (; !fault && at != fs::recursive_directory_iterator(); at.increment(fault)) {
    std::error_code ignored;
    if (is_hidden(at->path()) || at->is_symlink(ignored)) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(ignored)) {
      const bool is_read = document_kind(at->path().string()) != DocumentKind::unknown;
      is_read ? add_to(folder, *at) : static_cast<void>(++folder.n_skipped);
    }
  }
  if (fault) throw Error(Error::Code::io, fmt::format("cannot read {}: {}", folder.path, fault.message()));
  std::ranges::sort(folder.files, {}, &DocumentFile::path);
}

}  // namespace

DocumentFolder list_documents(const std::string& path) {
  DocumentFolder folder;
  std::error_code fault;
  const fs::path absolute = fs::canonical(path, fault);
  if (fault) throw Error(Error::Code::not_found, fmt::format("cannot find {}: {}", path, fault.message()));
  folder.path = absolute.string();
  folder.is_folder = fs::is_directory(absolute, fault);
  if (folder.is_folder) {
    walk_folder(folder);
  } else {
    add_to(folder, fs::directory_entry(absolute));
  }
  return folder;
}

UnixTime document_time(const std::string& path) {
  struct stat about;
  if (stat(path.c_str(), &about) != 0) return 0;
  return int64_t{about.st_mtim.tv_sec} * 1000 + about.st_mtim.tv_nsec / 1'000'000;
}

bool is_document_file(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

}  // namespace loam
