// Writes hyperparameters under GGUF's keys.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "file/metadata.h"

namespace loam {

class Hyperparameters {
 public:
  Hyperparameters(Metadata& metadata, std::string_view arch) : metadata_(metadata), arch_(arch) {
    metadata_.insert("general.architecture", {.type = MetaType::string, .value = arch});
  }
  std::string_view arch() const { return arch_; }

  // `key` without the architecture before it.
  void put(const char* key, int64_t value) { insert(key, {.type = MetaType::i64, .value = value}); }
  void put_number(const char* key, double value) { insert(key, {.type = MetaType::f32, .value = value}); }
  void put_flag(const char* key, bool value) { insert(key, {.type = MetaType::boolean, .value = value}); }
  // A text that outlives the metadata.
  void put_text(const char* key, std::string_view value) { insert(key, {.type = MetaType::string, .value = value}); }
  void put(const char* key, std::vector<int64_t> values) {
    insert(key, {.type = MetaType::array, .value = MetaArray{MetaType::i64, std::move(values)}});
  }

 private:
  void insert(const char* key, MetaValue value) {
    metadata_.insert(fmt::format("{}.{}", arch_, key), std::move(value));
  }

  Metadata& metadata_;
  const std::string_view arch_;  // a constant
};

}  // namespace loam
