#include "file/safetensors.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/input_file.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr int64_t kMaxDim = int64_t{1} << 40;

[[noreturn]] void fail(const std::string& path, uint64_t offset, const std::string& message) {
  throw Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(path), message),
              fmt::format("safetensors@{}", offset));
}

nlohmann::json read_json(const InputFile& file) {
  uint64_t size = 0;  // little-endian, before the header
  if (file.size() < sizeof size) fail(file.path(), 0, "is too short for a header");
  file.read(0, std::as_writable_bytes(std::span(&size, 1)));
  if (size > std::min(kMaxHeaderBytes, file.size() - sizeof size))
    fail(file.path(), 0, fmt::format("a header of {} bytes does not fit a file of {}", size, file.size()));
  std::string text(size, '\0');
  file.read(sizeof size, std::as_writable_bytes(std::span(text)));
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) fail(file.path(), sizeof size, "its header is not a JSON object");
  return json;
}

bool is_dim(const nlohmann::json& dim) {
  return dim.is_number_unsigned() && dim.get<uint64_t>() <= static_cast<uint64_t>(kMaxDim);
}

}  // namespace

void read_safetensors_header(const std::string& path, SafetensorsHeader& tensors) {
  const nlohmann::json json = read_json(InputFile(path));
  for (const auto& [name, tensor] : json.items()) {
    if (name == "__metadata__") continue;
    const nlohmann::json shape = tensor.is_object() ? tensor.value("shape", nlohmann::json()) : nlohmann::json();
    if (!shape.is_array() || !std::ranges::all_of(shape, is_dim) ||
        !tensor.value("dtype", nlohmann::json()).is_string())
      fail(path, sizeof(uint64_t), fmt::format("tensor {} has no dtype and shape", escape_control(name)));
    if (shape.size() > 4) continue;  // of images and sounds, not of a language model's layers
    tensors[name] = {tensor["dtype"], Shape(shape.get<std::vector<int64_t>>())};
  }
}

SafetensorsHeader read_safetensors_folder(const std::string& folder) {
  SafetensorsHeader tensors;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".safetensors") read_safetensors_header(entry.path(), tensors);
  return tensors;
}

}  // namespace loam
