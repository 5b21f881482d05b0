// Overlays: GGUF files of a few KiB that have metadata of their own and another GGUF file's tensors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "file/metadata.h"

namespace loam {

// What an overlay says of the file whose tensors it uses, its base. Its other keys replace the base's of the same name.
struct OverlayInfo {
  std::string base;                       // relative to the overlay's folder, or absolute
  uint64_t bytes = 0;                     // of the base, all its parts
  std::string header_sha256;              // of its header, all parts' one after another: 64 hexadecimal digits
  std::vector<std::string_view> removed;  // keys of the base that do not hold
  uint64_t offset = 0;                    // in the overlay, for messages
};

// nullopt where the metadata is no overlay's. Error(model_invalid, "overlay@offset") where it contradicts itself.
std::optional<OverlayInfo> read_overlay_info(const Metadata& metadata);
// The metadata that an overlay's file has besides its own keys. It views `info`.
void insert_overlay_info(Metadata& metadata, const OverlayInfo& info);
bool is_overlay_key(std::string_view key);

// Of a GGUF file, whole or split: its path, size and hash. Errors as GgufFile::open.
OverlayInfo describe_base(const std::string& path);

// `base` as it is opened: beside the overlay where it is relative.
std::string base_path(const OverlayInfo& info, const std::string& overlay);

// Error(model_invalid, "overlay@…") telling what the base is and what it should be.
void check_overlay_base(const OverlayInfo& info, const std::string& path, uint64_t bytes, const std::string& sha256);

// Puts the overlay's keys over the base's.
void apply_overlay(const Metadata& overlay, const OverlayInfo& info, Metadata& base);

}  // namespace loam
