// Changes of a GGUF file's metadata: in the file itself where they fit, as a copy, or as an overlay.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/windows.h"
#include "file/gguf.h"

namespace loam {

struct MetadataChanges {
  std::vector<std::string> assignments;  // "key=type:value", see file/metadata_assign.h
  std::vector<std::string> removed;      // keys
};

// Error(invalid) where there is nothing to change, a key to remove is not there, or a key is one that says where data
// lies (general.alignment, split.*, overlay.*). The metadata views `texts` then.
void apply_changes(Metadata& metadata, std::deque<std::string>& texts, const MetadataChanges& changes);

// Rewrites what differs in the header of one file, and nothing else: the tensors stay where they are. A header that
// becomes shorter is filled up with the key loam.padding, which a later change takes away again. A file without
// tensors is replaced as a whole. Error(invalid) with both sizes where the header would reach into the tensors.
// → bytes written
uint64_t edit_in_place(const std::string& path, const MetadataChanges& changes);

// A whole file with changed metadata and the same tensors; of an overlay or a split model too.
void write_edited_copy(const std::string& path, const MetadataChanges& changes, const std::string& out,
                       ThreadPool& pool, const Progress& progress);

// An overlay of some KiB (file/gguf_overlay.h); of an overlay's base, where `path` is one. → its bytes
uint64_t write_overlay(const std::string& path, const MetadataChanges& changes, const std::string& out);

}  // namespace loam
