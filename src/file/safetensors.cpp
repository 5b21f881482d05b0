#include "file/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/utf8.h"
#include "file/json_file.h"

namespace loam {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLengthBytes = sizeof(uint64_t);  // of the header's length, before it
// The format allows 100 MB; models have thousands of tensors and some 100 KiB, and what JSON takes in memory is a
// multiple of it.
constexpr uint64_t kMaxHeaderBytes = uint64_t{8} << 20;
// Requests up to this size are read in at once. Larger ones are of whole tables, whose rows come as they are touched.
constexpr uint64_t kReadInBytes = uint64_t{8} << 20;
constexpr int64_t kMaxDim = int64_t{1} << 40;
constexpr int kMaxHeaderDepth = 8;  // of the header's JSON, which needs 3

// Bits of an element, by the format's names.
constexpr struct {
  std::string_view name;
  uint64_t bits;
} kTypes[] = {{"BOOL", 8}, {"U8", 8},      {"I8", 8},   {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"U16", 16},   {"I16", 16},
              {"F16", 16}, {"BF16", 16},   {"U32", 32}, {"I32", 32},    {"F32", 32},    {"U64", 64},   {"I64", 64},
              {"F64", 64}, {"F8_E8M0", 8}, {"C64", 64}, {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}};

[[noreturn]] void fail(const std::string& path, const char* field, uint64_t offset, const std::string& message) {
  throw Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(path), message),
              fmt::format("{}@{}", field, offset));
}

nlohmann::json read_header(const InputFile& file, uint64_t& size) {
  if (file.size() < kLengthBytes) fail(file.path(), "header", 0, "is too short for a header");
  file.read(0, std::as_writable_bytes(std::span(&size, 1)));
  if (size == 0 || size > std::min(kMaxHeaderBytes, file.size() - kLengthBytes))
    fail(file.path(), "header", 0, fmt::format("a header of {} bytes does not fit a file of {}", size, file.size()));
  std::string text(size, '\0');
  file.read(kLengthBytes, std::as_writable_bytes(std::span(text)));
  std::string fault;
  nlohmann::json json = parse_strict_json(text, kMaxHeaderDepth, fault);
  if (!fault.empty()) fail(file.path(), "json", kLengthBytes, "its header " + fault);
  if (!json.is_object()) fail(file.path(), "json", kLengthBytes, "its header is not a JSON object");
  return json;
}

bool is_dim(const nlohmann::json& dim) {
  return dim.is_number_unsigned() && dim.get<uint64_t>() <= static_cast<uint64_t>(kMaxDim);
}

// The header's rows; tensors of more than four dimensions are of images and sounds, not of a language model's layers.
class HeaderReader {
 public:
  explicit HeaderReader(const std::string& path) : path_(path) {}

  SafetensorsInfo read(const std::string& name, const nlohmann::json& tensor) const {
    const nlohmann::json shape = tensor.is_object() ? tensor.value("shape", nlohmann::json()) : nlohmann::json();
    if (!shape.is_array() || !std::ranges::all_of(shape, is_dim) ||
        !tensor.value("dtype", nlohmann::json()).is_string())
      refuse("shape", name, "has no dtype and shape");
    SafetensorsInfo info{.dtype = tensor["dtype"], .shape = {}};
    if (shape.size() <= 4) info.shape = Shape(shape.get<std::vector<int64_t>>());
    return info;
  }

  // Where the data stands, held against type and shape.
  void read_place(const std::string& name, const nlohmann::json& tensor, uint64_t data_begin, uint64_t data_bytes,
                  SafetensorsInfo& info) const {
    const nlohmann::json offsets = tensor.value("data_offsets", nlohmann::json());
    const auto is_offset = [](const nlohmann::json& value) { return value.is_number_unsigned(); };
    if (!offsets.is_array() || offsets.size() != 2 || !std::ranges::all_of(offsets, is_offset))
      refuse("offsets", name, "has no data_offsets of two whole numbers");
    const auto begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
    if (begin > end || end > data_bytes)
      refuse("offsets", name, fmt::format("lies in [{}, {}) of {} bytes of data", begin, end, data_bytes));
    const uint64_t bytes = bytes_of(name, info.dtype, tensor["shape"]);
    if (bytes != end - begin)
      refuse("offsets", name, fmt::format("has {} bytes, but its type and shape make {}", end - begin, bytes));
    info.offset = data_begin + begin;
    info.bytes = bytes;
  }

  [[noreturn]] void refuse(const char* field, const std::string& tensor, const std::string& what) const {
    fail(path_, field, kLengthBytes, fmt::format("tensor {} {}", escape_control(tensor), what));
  }

 private:
  uint64_t bytes_of(const std::string& name, std::string_view dtype, const nlohmann::json& shape) const {
    const auto type = std::ranges::find(kTypes, dtype, [](const auto& known) { return known.name; });
    if (type == std::end(kTypes)) refuse("dtype", name, fmt::format("has the type \"{}\"", escape_control(dtype)));
    uint64_t bits = type->bits;
    for (const nlohmann::json& dim : shape)
      if (__builtin_mul_overflow(bits, dim.get<uint64_t>(), &bits))
        refuse("overflow", name, "has more elements than 64 bits count");
    if (bits % 8 != 0) refuse("shape", name, "does not end at a whole byte");
    return bits / 8;
  }

  const std::string& path_;
};

// Every byte of the data belongs to one tensor: no two overlap, and nothing is between or behind them.
void check_covered(const std::string& path, const std::vector<const SafetensorsHeader::value_type*>& tensors,
                   uint64_t begin, uint64_t end) {
  auto by_offset = tensors;
  std::ranges::sort(by_offset, {}, [](const auto* t) { return std::pair(t->second.offset, t->second.bytes); });
  const HeaderReader reader(path);
  for (const auto* tensor : by_offset) {
    const auto& [name, info] = *tensor;
    if (info.offset != begin)
      reader.refuse("offsets", name,
                    fmt::format("begins at byte {} of the file, where {} is expected: tensors overlap or leave a hole",
                                info.offset, begin));
    begin += info.bytes;
  }
  if (begin != end)
    fail(path, "offsets", kLengthBytes, fmt::format("{} bytes behind the last tensor belong to none", end - begin));
}

// A plain file name in the folder, that no link leads out of.
std::string part_path(const fs::path& folder, const std::string& index, const std::string& name) {
  const bool plain =
      !name.empty() && name.find('/') == name.npos && name.find('\0') == name.npos && name != "." && name != "..";
  if (!plain)
    fail(index, "path", 0, fmt::format("names \"{}\", which is no file's name in its folder", escape_control(name)));
  std::error_code fault;
  const fs::path real = fs::canonical(folder / name, fault);
  if (!fault && real.parent_path() != fs::canonical(folder, fault))
    fail(index, "path", 0, fmt::format("names \"{}\", a link that leads out of its folder", escape_control(name)));
  return folder / name;
}

}  // namespace

void read_safetensors_header(const std::string& path, SafetensorsHeader& tensors) {
  uint64_t size = 0;
  const nlohmann::json json = read_header(InputFile(path), size);
  const HeaderReader reader(path);
  for (const auto& [name, tensor] : json.items()) {
    if (name == "__metadata__") continue;
    const SafetensorsInfo info = reader.read(name, tensor);
    if (info.shape.rank() > 0 || tensor["shape"].empty()) tensors[name] = info;
  }
}

SafetensorsHeader read_safetensors_folder(const std::string& folder) {
  SafetensorsHeader tensors;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".safetensors") read_safetensors_header(entry.path(), tensors);
  return tensors;
}

SafetensorsFile::SafetensorsFile(const std::string& path) : file_(path) {
  uint64_t size = 0;
  const nlohmann::json json = read_header(file_, size);
  const HeaderReader reader(path);
  const uint64_t begin = kLengthBytes + size;
  std::vector<const SafetensorsHeader::value_type*> all;
  for (const auto& [name, tensor] : json.items()) {
    if (name == "__metadata__") continue;
    SafetensorsInfo info = reader.read(name, tensor);
    reader.read_place(name, tensor, begin, file_.size() - begin, info);
    all.push_back(&*tensors_.emplace(name, info).first);
  }
  check_covered(path, all, begin, file_.size());
}

void SafetensorsFile::map() {
  if (mapping_.bytes().empty()) mapping_ = Mapping(file_);
}

std::span<const std::byte> SafetensorsFile::bytes(const SafetensorsInfo& tensor, uint64_t begin, uint64_t size,
                                                  std::vector<std::byte>& scratch) const {
  LOAM_CHECK(begin <= tensor.bytes && size <= tensor.bytes - begin);
  file_.check_size();
  if (!mapping_.bytes().empty()) {
    if (size > 0 && size <= kReadInBytes && !mapping_.read_in(tensor.offset + begin, size))
      throw Error(Error::Code::io,
                  fmt::format("cannot read {} bytes of {} at byte {}", size, path(), tensor.offset + begin));
    return mapping_.bytes().subspan(tensor.offset + begin, size);
  }
  if (scratch.size() < size) scratch.resize(size);
  file_.read(tensor.offset + begin, std::span(scratch).first(size));
  return std::span(scratch).first(size);
}

void SafetensorsFile::release(const SafetensorsInfo& tensor, uint64_t begin, uint64_t size) const {
  mapping_.release(tensor.offset + begin, size);
}

std::vector<std::string> safetensors_of_model(const std::string& folder) {
  const fs::path whole = fs::path(folder) / "model.safetensors", index = whole.string() + ".index.json";
  std::error_code fault;
  if (fs::exists(index, fault)) {
    const nlohmann::json json = read_json_file(index);
    const nlohmann::json map = json.is_object() ? json.value("weight_map", nlohmann::json()) : nlohmann::json();
    if (!map.is_object() || map.empty()) fail(index, "json", 0, "has no weight_map");
    std::set<std::string> names;
    for (const auto& [tensor, file] : map.items()) {
      if (!file.is_string()) fail(index, "json", 0, fmt::format("gives no file for {}", escape_control(tensor)));
      names.insert(part_path(folder, index, file));
    }
    return {names.begin(), names.end()};
  }
  if (fs::exists(whole, fault)) return {whole};
  for (const auto& entry : fs::directory_iterator(folder))
    if (const fs::path ext = entry.path().extension(); ext == ".bin" || ext == ".pt" || ext == ".pth" || ext == ".ckpt")
      fail(entry.path(), "format", 0,
           "is a pickle, which is never loaded: fetch the model's safetensors files, or convert it to them");
  throw Error(Error::Code::not_found, fmt::format("there is no model.safetensors in {}", folder), folder);
}

}  // namespace loam
