// The files that a model is read from: one, the parts of a split one, an overlay and what it points at.
#pragma once

#include <string>
#include <vector>

#include "file/gguf.h"

namespace loam {

// What a GgufFile also is where its tensors may lie in other files than the one that was opened.
class GgufParts {
 public:
  virtual ~GgufParts() = default;
  virtual std::vector<std::string> files() const = 0;
  // The first file that holds tensors, and the fingerprint of all that do: overlays of one base share them.
  virtual const std::string& tensor_path() const = 0;
  virtual std::string tensor_fingerprint() const = 0;
};

// The same of any model: what is read from one place is its own only part.
std::vector<std::string> files_of(const GgufFile& file);
const std::string& tensor_path_of(const GgufFile& file);
std::string tensor_fingerprint_of(const GgufFile& file);

}  // namespace loam
