// Writes a model's tensors as new GGUF files: as they are, or each in another type.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/windows.h"
#include "file/gguf.h"
#include "file/gguf_writer.h"

namespace loam {

struct CopiedTensor {
  const TensorInfo* source;
  DType dtype;  // of the copy
  // How much each column matters, for types that are encoded by a search; empty: all alike. Of a stack of matrices
  // (experts) one row after another, so cols or n_matrices · cols numbers.
  std::span<const float> importance = {};
};

struct GgufCopy {
  const Metadata* metadata = nullptr;
  std::vector<CopiedTensor> tensors;  // in the order of the new file
};

// All tensors as they are; `metadata` without what says that the file is a part of several. It must outlive the copy.
GgufCopy whole_copy(const GgufFile& file, Metadata& metadata);

// One thread's memory for `convert_elements`.
struct ConversionScratch {
  std::vector<std::byte> bytes;
  std::vector<float> values;
};

// Writes elements [begin, begin + n) of a tensor in its new type to `out`: whole blocks, whole rows where columns have
// importance. The source's bytes are released. Error(model_invalid, tensor) for values that are no numbers.
void convert_elements(const GgufFile& file, const CopiedTensor& tensor, int64_t begin, int64_t n,
                      ConversionScratch& scratch, std::byte* out);
// Error(unsupported) where loam cannot read the tensor's type or write its new one.
void check_conversion(const CopiedTensor& tensor);

// What the new file will hold.
GgufWriter writer_for(const GgufCopy& copy);

// Threads read, convert and write pieces of about a MiB, so memory stays bounded whatever the tensors' sizes. Tensors
// that keep their type are copied byte by byte. Errors as GgufFile::bytes and OutputFile, Error(unsupported) for a type
// that loam cannot read or write, Error(model_invalid, tensor) for values that are no numbers, Error(cancelled); then
// nothing is left of the file.
void copy_tensors(const GgufFile& file, const GgufCopy& copy, GgufWriter& writer, ThreadPool& pool,
                  const Progress& progress);
// The same into one file: open, copy, keep.
void copy_gguf(const GgufFile& file, const GgufCopy& copy, const std::string& out, ThreadPool& pool,
               const Progress& progress);

// Error(invalid) where `out` is one of the files that the model is read from.
void check_output(const GgufFile& file, const std::string& out);

}  // namespace loam
