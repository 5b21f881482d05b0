// A named page as a file: what it holds, and a code that only this folder's cache can make.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/page_name.h"

namespace loam {

// A page's bytes, or those of several pages one after another.
using PageParts = std::vector<std::span<std::byte>>;

uint64_t page_file_bytes(const PageParts& parts);

// Deletes all pages of an owner from a folder of PageFiles, whether anybody has it open or not.
void forget_pages_in(const std::string& folder, const PageName::Owner& owner);

class PageFiles {
 public:
  // In the folder `kv` of this one. It is made if need be, for its owner only, with the key of the files' codes.
  // Error(io) where that fails, or where others could read or write there.
  explicit PageFiles(const std::string& cache_folder);

  static std::string folder_in(const std::string& cache_folder) { return cache_folder + "/kv"; }
  const std::string& folder() const { return folder_; }
  std::string path(const PageName& name) const;
  bool has(const PageName& name) const;
  // Whether all parts were read. A file that is not whole, or not of this name, or not made with the key, is deleted.
  bool read(const PageName& name, const PageParts& parts) const;
  // Error(io). Until it is complete it has another name: whatever happens, a file of the name is whole.
  void write(const PageName& name, const PageParts& parts) const;
  // Deletes all files of a salt's pages.
  void forget(const PageName::Owner& owner) const { forget_pages_in(folder_, owner); }
  // Makes it the one that was used last.
  void touch(const PageName& name) const;

 private:
  struct Header;
  Header header(const PageName& name, const PageParts& parts) const;

  std::string folder_;
  std::array<std::byte, 32> key_;
};

}  // namespace loam
