// Safetensors files: names, types and shapes of tensors, and the bytes of their data.
// Format: https://github.com/huggingface/safetensors#format
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/input_file.h"
#include "tensor/tensor.h"

namespace loam {

struct SafetensorsInfo {
  std::string dtype;  // as in the file: "BF16"
  Shape shape;
  uint64_t offset = 0;  // of the data in the file
  uint64_t bytes = 0;
};
using SafetensorsHeader = std::map<std::string, SafetensorsInfo, std::less<>>;

// Errors of all of these are Error(model_invalid) naming the file, with the header's field and the place in the file as
// `where`: "header@0", "json@8", "dtype@8", "shape@8", "overflow@8", "offsets@8".

// Adds the tensors of one file. What the header says of their data is not held against the file, of which the header
// may be all that is there.
void read_safetensors_header(const std::string& path, SafetensorsHeader& tensors);
// The tensors of all `*.safetensors` files of a folder; empty where it has none.
SafetensorsHeader read_safetensors_folder(const std::string& folder);

// A whole file, its data mapped.
class SafetensorsFile {
 public:
  // The tensors' data must fill the file from the header to its end, each part of it belonging to one tensor, in sizes
  // that follow from type and shape.
  explicit SafetensorsFile(const std::string& path);

  const std::string& path() const { return file_.path(); }
  uint64_t size() const { return file_.size(); }
  std::string fingerprint() const { return file_.fingerprint(); }
  const SafetensorsHeader& tensors() const { return tensors_; }

  void map();
  // Bytes [begin, begin + size) of a tensor's data: a view where the file is mapped, else read into `scratch`.
  // Error(io) where the file has become shorter since it was opened.
  std::span<const std::byte> bytes(const SafetensorsInfo& tensor, uint64_t begin, uint64_t size,
                                   std::vector<std::byte>& scratch) const;
  void release(const SafetensorsInfo& tensor, uint64_t begin, uint64_t size) const;

 private:
  InputFile file_;
  SafetensorsHeader tensors_;
  Mapping mapping_;
};

// The safetensors files that a model's folder consists of: those that model.safetensors.index.json names, else
// model.safetensors. Error(model_invalid, "path@…") for names of the index that are no plain names of files in the
// folder, and where the folder holds a pickle instead; Error(not_found) where it holds neither.
std::vector<std::string> safetensors_of_model(const std::string& folder);

}  // namespace loam
