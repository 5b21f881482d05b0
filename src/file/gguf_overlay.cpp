#include "file/gguf_overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/utf8.h"
#include "file/gguf_header.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBasePath = "overlay.base.path", kBaseBytes = "overlay.base.bytes",
                           kBaseHash = "overlay.base.header_sha256", kRemoved = "overlay.removed";

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

MetaValue text_value(std::string_view text) { return {MetaType::string, 0, 0, text}; }

}  // namespace

bool is_overlay_key(std::string_view key) { return key.starts_with("overlay."); }

std::optional<OverlayInfo> read_overlay_info(const Metadata& metadata) {
  const MetaValue* path = metadata.find(kBasePath);
  if (!path) return std::nullopt;
  OverlayInfo info{.base = std::string(metadata.require_string(kBasePath)),
                   .bytes = static_cast<uint64_t>(metadata.require_integer(kBaseBytes, 0)),
                   .header_sha256 = std::string(metadata.require_string(kBaseHash)),
                   .removed = {},
                   .offset = path->offset};
  if (info.base.empty() || info.base.find('\0') != std::string::npos)
    throw_gguf_error("overlay", info.offset, fmt::format("{} is no path of a file", kBasePath));
  if (!is_sha256(info.header_sha256))
    throw_gguf_error("overlay", info.offset, fmt::format("{} is not 64 hexadecimal digits", kBaseHash));
  if (const auto* removed = metadata.has(kRemoved) ? metadata.strings(kRemoved) : nullptr) info.removed = *removed;
  return info;
}

void insert_overlay_info(Metadata& metadata, const OverlayInfo& info) {
  metadata.insert(std::string(kBasePath), text_value(info.base));
  metadata.insert(std::string(kBaseBytes), {MetaType::u64, 0, 0, info.bytes});
  metadata.insert(std::string(kBaseHash), text_value(info.header_sha256));
  if (info.removed.empty()) return;
  MetaArray removed{.type = MetaType::string, .items = {}};
  removed.items = info.removed;
  metadata.insert(std::string(kRemoved), {MetaType::array, 0, 0, std::move(removed)});
}

std::string base_path(const OverlayInfo& info, const std::string& overlay) {
  return (fs::path(overlay).parent_path() / info.base).lexically_normal().string();
}

void check_overlay_base(const OverlayInfo& info, const std::string& path, uint64_t bytes, const std::string& sha256) {
  const std::string name = escape_control(path);
  if (bytes != info.bytes)
    throw_gguf_error("overlay", info.offset,
                     fmt::format("{} has {} bytes, but the overlay was made for a file of {}: make it anew with "
                                 "`loam set`",
                                 name, bytes, info.bytes));
  if (sha256 != info.header_sha256)
    throw_gguf_error("overlay", info.offset,
                     fmt::format("{} has another header (SHA-256 {}…) than the file that the overlay was made for "
                                 "({}…): make it anew with `loam set`",
                                 name, sha256.substr(0, 8), info.header_sha256.substr(0, 8)));
}

void apply_overlay(const Metadata& overlay, const OverlayInfo& info, Metadata& base) {
  for (const std::string_view key : info.removed) base.forget(key);
  for (const auto& [key, value] : overlay.entries()) {
    if (is_overlay_key(key)) continue;
    MetaValue own = value;
    own.offset = own.end = 0;  // its bytes are not in the base's file
    base.insert(key, std::move(own));
  }
}

}  // namespace loam
