// What is different between two models: metadata, and tensors with their values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/windows.h"
#include "file/gguf.h"

namespace loam {

// a, b: the values as text; empty where the key is missing.
struct KeyDifference {
  std::string key, a, b;
};

// How two tensors of one shape differ, each decoded to float32.
struct ValueDifference {
  double max = 0;          // of |a − b|
  double mean = 0;         // of |a − b|
  double nmse = 0;         // Σ(a − b)² / Σa²; infinite where only b is not zero
  int64_t not_finite = 0;  // pairs with an infinity or NaN, which the others leave out
};

struct TensorDifference {
  std::string name;
  const TensorInfo *a = nullptr, *b = nullptr;  // null where missing
  std::optional<ValueDifference> values;        // where both have one shape and loam can decode them
  bool other_order = false;                     // their inputs stand in different orders: no values are compared
};

struct ModelDifference {
  std::vector<KeyDifference> keys;
  std::vector<TensorDifference> tensors;  // those that are missing, or differ in shape, type or bytes
  int64_t equal_keys = 0, equal_tensors = 0;
  bool same() const { return keys.empty() && tensors.empty(); }
};

// `values`: whether tensor data is read; without it tensors differ by shape and type only. The views of both files must
// outlive the result. Errors as GgufFile::bytes, and Error(cancelled).
ModelDifference compare_models(const GgufFile& a, const GgufFile& b, bool values, ThreadPool& pool,
                               const Progress& progress);

}  // namespace loam
