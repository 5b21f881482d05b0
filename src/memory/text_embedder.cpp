#include "memory/text_embedder.h"

#include <iterator>

namespace loam {
namespace {

constexpr size_t kPieceBytes = 1000;  // some 256 tokens

// How many of the texts make up a piece; at least one.
size_t piece_of(std::span<const std::string> texts) {
  size_t n = 1;
  for (size_t bytes = texts[0].size(); n < texts.size() && bytes + texts[n].size() <= kPieceBytes; ++n)
    bytes += texts[n].size();
  return n;
}

}  // namespace

std::vector<std::vector<float>> embed_until(TextEmbedder& embedder, std::span<const std::string> texts,
                                            const std::function<bool()>& stop) {
  if (!stop) return embedder.embed(texts);
  std::vector<std::vector<float>> vectors;
  while (vectors.size() < texts.size() && (vectors.empty() || !stop())) {
    const auto rest = texts.subspan(vectors.size());
    auto piece = embedder.embed(rest.first(piece_of(rest)));
    vectors.insert(vectors.end(), std::move_iterator(piece.begin()), std::move_iterator(piece.end()));
  }
  return vectors;
}

}  // namespace loam
