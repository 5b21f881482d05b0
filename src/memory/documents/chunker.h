// Cuts a document into pieces that a search can find and a prompt can hold.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "memory/documents/document.h"

namespace loam {

struct DocumentChunk {
  std::string text;
  std::string heading;  // the path that its first block stands below
  DocumentPlace place;  // of the first block, to the last line of the last
};

struct ChunkLimits {
  size_t min_tokens = 200, max_tokens = 400;
  // How many tokens a text has; unless given, estimate_tokens. It is asked for every paragraph and sentence.
  std::function<size_t(std::string_view)> count;
};

// Whole paragraphs as long as they fit, a new chunk at a heading once there are min_tokens; what is longer is cut
// between sentences, code between lines, endless lines anywhere. Only the last chunk, and one before a heading, may be
// shorter than min_tokens.
std::vector<DocumentChunk> cut_document(const Document& document, const ChunkLimits& limits = {});

}  // namespace loam
