// Split models: NAME-00001-of-00003.gguf and the metadata that must agree with the name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "file/metadata.h"

namespace loam {

// What `split.no`, `split.count` and `split.tensors.count` of one part say; a whole file has count 1.
struct SplitInfo {
  int64_t number = 0;  // 0 for the first part
  int64_t count = 1;
  int64_t tensors = 0;  // of all parts
  uint64_t offset = 0;  // of the count in the file, for messages
};

// Error(model_invalid, "split@offset") where they contradict themselves.
SplitInfo read_split_info(const Metadata& metadata);

struct SplitName {
  std::string prefix;  // everything before "-00001-of-00003.gguf"
  int number, count;   // as in the name: the first part has number 1

  std::string part_path(int part_number) const;
};

// nullopt where the file's name is not that of a part.
std::optional<SplitName> parse_split_name(const std::string& path);

}  // namespace loam
