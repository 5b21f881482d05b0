// Importance matrices: how large the inputs of each matrix's columns were on a text, so that quantising spares those
// that count. Read and written as llama.cpp's tools do it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "file/gguf.h"

namespace loam {

class ImportanceMatrix {
 public:
  // Of one tensor: Σ x² of each column, and how many inputs that were; of a stack of matrices (experts) one after
  // another.
  struct Entry {
    std::vector<double> squares;  // [n_matrices · cols]
    std::vector<int64_t> counts;  // [n_matrices]
  };

  std::vector<std::string> datasets;
  int64_t n_chunks = 0, chunk_size = 0;  // windows of tokens

  // GGUF, or the older format without a magic number (".dat"). Error(model_invalid) with field and offset where the
  // file is broken, and Error as InputFile.
  static ImportanceMatrix read(const std::string& path);
  void write(const std::string& path) const;

  // Adds the squares of one input of `cols` columns.
  void add(std::string_view tensor, int64_t matrix, int64_t n_matrices, std::span<const float> input);
  // Adds what another has counted of the same tensors.
  void add(const ImportanceMatrix& other);

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  // Mean squares, as CopiedTensor wants them; matrices that saw no input count all columns alike. Empty where the
  // tensor is not known. Error(invalid) with both sizes where it has another shape.
  std::vector<float> importance_of(const TensorInfo& tensor) const;

 private:
  void read_gguf(const GgufFile& file);
  void read_legacy(const std::string& path);
  Entry& entry(std::string_view tensor, int64_t n_matrices, int64_t cols);

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace loam
