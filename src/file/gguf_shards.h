// One model as several GGUF files, NAME-00001-of-0000N.gguf, as file/gguf_split.h reads them.
#pragma once

#include <string>
#include <vector>

#include "file/gguf_copy.h"

namespace loam {

// Consecutive tensors in files of at most `max_bytes`, where a single tensor is not larger. Writes all of them, then
// gives them their names: PREFIX-00001-of-0000N.gguf. The first has the metadata; `copy` is that of the whole model.
// → the files. Error(invalid) for more than 1024 of them; else as copy_tensors.
std::vector<std::string> write_shards(const GgufFile& file, const GgufCopy& copy, const std::string& prefix,
                                      uint64_t max_bytes, ThreadPool& pool, const Progress& progress);

}  // namespace loam
