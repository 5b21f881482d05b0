// The GGUF rows of docs/bad-inputs.md as files in memory: what unit tests, the model's tests and the fuzz seeds use.
#pragma once

#include <string>
#include <vector>

#include "tests/support/gguf_builder.h"

namespace loam::test {

struct BadGguf {
  int row;            // of docs/bad-inputs.md
  std::string name;   // what is wrong
  std::string field;  // the word before '@' in the error's place
  std::string bytes;
};

// Files that the reader refuses (rows 1 to 22, 27).
std::vector<BadGguf> bad_ggufs();
// Well-formed files that no model can be made of (rows 24 to 26).
std::vector<BadGguf> bad_models();

// A right file with every metadata type and three tensors.
GgufBuilder good_gguf();
// A right model: `llama` with one layer, 32 features, 2 heads and 8 tokens. `but` replaces keys of these, all uint32
// but the float `rope.freq_base`; `wide_tensor` gets one column more than it should have.
std::string tiny_llama(const std::vector<std::pair<std::string, uint32_t>>& but = {}, float rope_base = 10000,
                       const std::string& wide_tensor = "");

}  // namespace loam::test
