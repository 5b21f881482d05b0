#include "file/gguf_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/utf8.h"
#include "file/gguf_header.h"

namespace loam {
namespace {

template <class T>
void append_number(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// An integer in the width of its type; unsigned 64-bit ones may come as either.
void append_integer(std::string& out, MetaType type, int64_t value) {
  switch (type) {
    case MetaType::u8:
    case MetaType::i8:
    case MetaType::boolean: return append_number(out, static_cast<int8_t>(value));
    case MetaType::u16:
    case MetaType::i16: return append_number(out, static_cast<int16_t>(value));
    case MetaType::u32:
    case MetaType::i32: return append_number(out, static_cast<int32_t>(value));
    default: return append_number(out, value);
  }
}

void append_item(std::string& out, MetaType type, int64_t value) { append_integer(out, type, value); }
void append_item(std::string& out, MetaType, uint64_t value) { append_number(out, value); }
void append_item(std::string& out, MetaType, bool value) { append_number(out, static_cast<int8_t>(value)); }
void append_item(std::string& out, MetaType, std::string_view text) { append_gguf_text(out, text); }
void append_item(std::string& out, MetaType type, double value) {
  if (type == MetaType::f32) return append_number(out, static_cast<float>(value));
  append_number(out, value);
}
void append_item(std::string& out, MetaType, const MetaArray& array) {
  append_number(out, static_cast<uint32_t>(array.type));
  append_number(out, uint64_t{array.size()});
  std::visit(
      [&](const auto& items) {
        for (const auto& item : items) append_item(out, array.type, item);
      },
      array.items);
}

[[noreturn]] void refuse_tensor(const NewTensor& tensor, std::string_view why) {
  throw Error(Error::Code::invalid, fmt::format("tensor \"{}\" {}", escape_control(tensor.name), why), "tensor");
}

void check_tensor(const NewTensor& tensor) {
  const int block = info(tensor.dtype).block_size;
  if (tensor.name.empty() || tensor.name.size() > kMaxTensorNameBytes)
    refuse_tensor(tensor, fmt::format("has a name of {} bytes, not 1 to {}", tensor.name.size(), kMaxTensorNameBytes));
  if (tensor.shape.rank() < 1 || tensor.shape.elements() < 1) refuse_tensor(tensor, "has no elements");
  if (tensor.shape.cols() % block != 0)
    refuse_tensor(tensor, fmt::format("has rows of {} elements, no multiple of {}'s blocks of {}", tensor.shape.cols(),
                                      name(tensor.dtype), block));
}

std::string header_of(const Metadata& metadata, const std::vector<NewTensor>& tensors,
                      const std::vector<uint64_t>& offsets) {
  constexpr std::string_view kFirst = "general.architecture";
  std::string out = "GGUF";
  append_number(out, uint32_t{3});
  append_number(out, uint64_t{tensors.size()});
  append_number(out, uint64_t{metadata.entries().size()});
  if (const MetaValue* value = metadata.find(kFirst)) append_gguf_entry(out, kFirst, *value);
  for (const auto& [key, value] : metadata.entries())
    if (key != kFirst) append_gguf_entry(out, key, value);
  for (size_t i = 0; i < tensors.size(); ++i) {
    const NewTensor& tensor = tensors[i];
    append_gguf_text(out, tensor.name);
    append_number(out, static_cast<uint32_t>(tensor.shape.rank()));
    for (int dim = tensor.shape.rank(); dim-- > 0;) append_number(out, tensor.shape[dim]);
    append_number(out, static_cast<uint32_t>(tensor.dtype));
    append_number(out, offsets[i]);
  }
  return out;
}

}  // namespace

void append_gguf_text(std::string& out, std::string_view text) {
  append_number(out, uint64_t{text.size()});
  out.append(text);
}

void append_gguf_value(std::string& out, const MetaValue& value) {
  std::visit([&](const auto& given) { append_item(out, value.type, given); }, value.value);
}

void append_gguf_entry(std::string& out, std::string_view key, const MetaValue& value) {
  append_gguf_text(out, key);
  append_number(out, static_cast<uint32_t>(value.type));
  append_gguf_value(out, value);
}

GgufWriter::GgufWriter(const Metadata& metadata, std::vector<NewTensor> tensors) : tensors_(std::move(tensors)) {
  const uint64_t alignment = gguf_alignment(metadata);
  std::set<std::string_view> names;
  uint64_t end = 0;
  for (const NewTensor& tensor : tensors_) {
    check_tensor(tensor);
    if (!names.insert(tensor.name).second) refuse_tensor(tensor, "stands twice");
    offsets_.push_back(end);
    end = round_up_to(end + loam::bytes_of(tensor.dtype, tensor.shape.elements()), alignment);
  }
  header_ = header_of(metadata, tensors_, offsets_);
  if (!tensors_.empty()) header_.resize(round_up_to(header_.size(), alignment));
  for (uint64_t& offset : offsets_) offset += header_.size();
  bytes_ = header_.size() + end;
}

uint64_t GgufWriter::bytes_of(size_t tensor) const {
  return loam::bytes_of(tensors_[tensor].dtype, tensors_[tensor].shape.elements());
}

void GgufWriter::open(const std::string& path) {
  auto file = std::make_unique<OutputFile>(path);
  file->reserve(bytes_);
  file->write(0, std::as_bytes(std::span(header_)));
  file_ = std::move(file);
}

void GgufWriter::write(size_t tensor, uint64_t begin, std::span<const std::byte> bytes) const {
  LOAM_CHECK(file_ && begin + bytes.size() <= bytes_of(tensor));
  file_->write(offsets_[tensor] + begin, bytes);
}

void GgufWriter::keep() {
  LOAM_CHECK(file_ != nullptr);
  file_->keep();
}

}  // namespace loam
