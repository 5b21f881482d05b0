#include "file/gguf_edit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/utf8.h"
#include "file/gguf_copy.h"
#include "file/gguf_header.h"
#include "file/gguf_header_bytes.h"
#include "file/gguf_overlay.h"
#include "file/gguf_parts.h"
#include "file/gguf_split.h"
#include "file/gguf_writer.h"
#include "file/metadata_assign.h"
#include "file/metadata_text.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPadding = "loam.padding";
constexpr uint64_t kCountAt = 16, kEntriesAt = 24;  // of the number of keys, and of the first key

[[noreturn]] void refuse_change(std::string message) { throw Error(Error::Code::invalid, std::move(message), "set"); }

void check_key(std::string_view key) {
  if (key == "general.alignment" || key.starts_with("split.") || is_overlay_key(key))
    refuse_change(fmt::format("{} says where the file's data lies and cannot be changed", escape_control(key)));
}

std::string encoded(const MetaValue& value) {
  std::string out;
  append_gguf_value(out, value);
  return out;
}

struct OneFile {
  explicit OneFile(const std::string& path) : file(path), bytes(file) {
    ByteReader reader = bytes.reader();
    header = read_gguf_header(reader, file.size());
  }

  InputFile file;
  HeaderBytes bytes;
  GgufHeader header;
};

// The keys and values as bytes: those that stay as they were, in their order, then new ones.
std::string entries_of(const OneFile& before, const Metadata& after) {
  std::vector<std::pair<uint64_t, std::string_view>> order;  // where a value begins in the file, and its key
  for (const auto& [key, value] : before.header.metadata.entries()) order.emplace_back(value.offset, key);
  std::ranges::sort(order);
  std::string out;
  uint64_t begin = kEntriesAt;
  for (const auto& [offset, key] : order) {
    const uint64_t end = before.header.metadata.find(key)->end;
    const MetaValue* value = after.find(key);
    const auto raw = before.bytes.first(end).subspan(begin);
    if (value && value->offset == offset)
      out.append(reinterpret_cast<const char*>(raw.data()), raw.size());
    else if (value)
      append_gguf_entry(out, key, *value);
    begin = end;
  }
  for (const auto& [key, value] : after.entries())
    if (!before.header.metadata.has(key)) append_gguf_entry(out, key, value);
  return out;
}

// The whole header, its list of tensors as it was.
std::string header_with(const OneFile& before, const Metadata& after) {
  const uint64_t list_end = before.header.list_end;
  const auto old = before.bytes.first(list_end);
  std::string out(reinterpret_cast<const char*>(old.data()), kEntriesAt);
  const uint64_t n_keys = after.entries().size();
  std::memcpy(out.data() + kCountAt, &n_keys, sizeof n_keys);
  out += entries_of(before, after);
  const auto list = old.subspan(before.header.metadata_end);
  return out.append(reinterpret_cast<const char*>(list.data()), list.size());
}

// The header made so long that the data begins where it did. Error(invalid) where it is too long.
std::string fitted_header(const OneFile& before, Metadata after) {
  const uint64_t alignment = gguf_alignment(before.header.metadata), data_begin = before.header.data_begin;
  std::string out = header_with(before, after);
  if (round_up_to(out.size(), alignment) < data_begin) {
    std::string entry;
    append_gguf_entry(entry, kPadding, {MetaType::string, 0, 0, std::string_view()});
    const uint64_t used = out.size() + entry.size();
    const std::string fill(data_begin - std::min(used, data_begin), ' ');
    after.insert(std::string(kPadding), {MetaType::string, 0, 0, std::string_view(fill)});
    out = header_with(before, after);
  }
  if (out.size() > data_begin)
    refuse_change(
        fmt::format("the header would take {} bytes, but the tensors begin at byte {}: write a copy with "
                    "--out FILE, or an overlay with --overlay FILE",
                    out.size(), data_begin));
  out.resize(data_begin, '\0');
  return out;
}

// Overwrites the bytes that differ. → how many
uint64_t patch(const OneFile& before, const std::string& header) {
  std::string old(header.size(), '\0');
  before.file.read(0, std::as_writable_bytes(std::span(old)));
  const size_t begin = static_cast<size_t>(std::ranges::mismatch(old, header).in1 - old.begin());
  if (begin == header.size()) return 0;
  size_t end = header.size();
  while (old[end - 1] == header[end - 1]) --end;
  const std::string& path = before.file.path();
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const ssize_t n = ::pwrite(descriptor, header.data() + begin, end - begin, static_cast<off_t>(begin));
  const bool written = n == static_cast<ssize_t>(end - begin) && ::fsync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!written) throw Error(Error::Code::io, fmt::format("cannot write: {}", std::strerror(reason)), path);
  return end - begin;
}

void write_header_only(const Metadata& metadata, const std::string& path) {
  GgufWriter writer(metadata, {});
  writer.open(path);
  writer.keep();
}

// How a file in `folder` names another: by its name where that is beside it, else by its full path.
std::string path_from(const fs::path& folder, const std::string& path) {
  const fs::path full = fs::absolute(path).lexically_normal();
  const bool beside = full.parent_path() == fs::absolute(folder).lexically_normal();
  return (beside ? full.filename() : full).string();
}

}  // namespace

void apply_changes(Metadata& metadata, std::deque<std::string>& texts, const MetadataChanges& changes) {
  if (changes.assignments.empty() && changes.removed.empty())
    refuse_change("nothing to change: give key=type:value or --remove KEY");
  for (const std::string& key : changes.removed) {
    check_key(key);
    if (!metadata.has(key)) refuse_change(fmt::format("there is no key {} to remove", escape_control(key)));
    metadata.forget(key);
  }
  for (const std::string& text : changes.assignments) {
    check_key(std::string_view(text).substr(0, text.find('=')));
    assign(metadata, texts, text);
  }
}

uint64_t edit_in_place(const std::string& path, const MetadataChanges& changes) {
  const OneFile before(path);
  const SplitInfo split = read_split_info(before.header.metadata);
  if (split.number > 0)
    refuse_change(fmt::format("{} is part {} of {}: the metadata that counts is in the first", path, split.number + 1,
                              split.count));
  Metadata after = before.header.metadata;
  std::deque<std::string> texts;
  after.forget(kPadding);
  apply_changes(after, texts, changes);
  if (before.header.tensors.empty()) {
    write_header_only(after, path);
    return fs::file_size(path);
  }
  return patch(before, fitted_header(before, after));
}

void write_edited_copy(const std::string& path, const MetadataChanges& changes, const std::string& out,
                       ThreadPool& pool, const Progress& progress) {
  const auto file = GgufFile::open(path);
  check_output(*file, out);
  Metadata after = file->metadata();
  std::deque<std::string> texts;
  after.forget(kPadding);
  apply_changes(after, texts, changes);
  copy_gguf(*file, whole_copy(*file, after), out, pool, progress);
}

uint64_t write_overlay(const std::string& path, const MetadataChanges& changes, const std::string& out) {
  const auto file = GgufFile::open(path, MapMode::read);
  check_output(*file, out);
  OverlayInfo info = describe_base(tensor_path_of(*file));
  const auto base = GgufFile::open(tensor_path_of(*file), MapMode::read);
  Metadata after = file->metadata();
  std::deque<std::string> texts;
  apply_changes(after, texts, changes);
  Metadata own = after;
  for (const auto& [key, value] : base->metadata().entries()) {
    const MetaValue* now = after.find(key);
    if (!now)
      info.removed.push_back(key);
    else if (now->type == value.type && encoded(*now) == encoded(value))
      own.forget(key);
  }
  info.base = path_from(fs::path(out).parent_path(), tensor_path_of(*file));
  insert_overlay_info(own, info);
  write_header_only(own, out);
  return fs::file_size(out);
}

}  // namespace loam
