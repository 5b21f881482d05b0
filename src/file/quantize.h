// Quantising a model: which tensor becomes which type, and the new file.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "file/gguf_copy.h"
#include "file/importance_matrix.h"
#include "file/quant_mix.h"

namespace loam {

struct QuantizeOptions {
  const QuantMix* mix = nullptr;
  const ImportanceMatrix* importance = nullptr;  // may be null
  std::string importance_path = {};              // for the new file's metadata
  // The type that a matrix gets whatever the mix says; none: as the mix says.
  std::function<std::optional<DType>(std::string_view tensor)> type_of = {};
  bool pure = false;        // one type for all matrices
  bool requantize = false;  // from types that have lost precision already
  bool keep = false;        // matrices that type_of gives no type keep theirs; `mix` only names the file's
  bool widen = false;       // what is no matrix becomes F32, as other programs expect it of a GGUF file
};

// What will be written. Refers to the file that it was made of.
class QuantizePlan {
 public:
  // Error(invalid): the file is quantised already and `requantize` was not asked for, or the mix needs an importance
  // matrix, or that is another model's. Error(unsupported): a type that loam cannot write.
  QuantizePlan(const GgufFile& file, const QuantizeOptions& options);
  QuantizePlan(const QuantizePlan&) = delete;
  QuantizePlan& operator=(const QuantizePlan&) = delete;

  const GgufCopy& copy() const { return copy_; }
  uint64_t bytes_before() const { return bytes_before_; }  // of the tensors
  uint64_t bytes_after() const { return bytes_after_; }
  // The matrices that the importance matrix does not know.
  const std::vector<std::string>& without_importance() const { return without_importance_; }
  // The matrices whose rows do not fit the blocks of the type that they should get, and got another.
  const std::vector<std::string>& misfits() const { return misfits_; }
  std::map<std::string_view, int64_t> tensors_by_type() const;

 private:
  void add(const GgufFile& file, const TensorInfo& tensor, const MixRules& rules, const QuantizeOptions& options);
  void describe(const QuantizeOptions& options);

  std::deque<std::string> texts_;  // that the metadata views
  Metadata metadata_;
  GgufCopy copy_;
  std::deque<std::vector<float>> importance_;
  std::vector<std::string> without_importance_, misfits_;
  uint64_t bytes_before_ = 0, bytes_after_ = 0;
};

}  // namespace loam
