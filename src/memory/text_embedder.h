// Texts as vectors: what memory needs of an embedding model, which the engine gives it.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace loam {

class TextEmbedder {
 public:
  virtual ~TextEmbedder() = default;
  // The model's name: vectors of different models are never compared.
  virtual std::string name() const = 0;
  virtual size_t dimensions() const = 0;
  // → one vector of length 1 for each text, in order; texts longer than the model's context are cut. Safe to call from
  // several threads.
  virtual std::vector<std::vector<float>> embed(std::span<const std::string> texts) = 0;
  // The vector of a text that asks, to be compared with those of texts that answer, which `embed` gives: some models
  // are told which is which.
  virtual std::vector<float> embed_query(const std::string& text) { return embed(std::span(&text, 1)).front(); }
};

// As `embed`, in pieces of some 256 tokens: of the first texts only, at least one, where `stop` is true between two of
// them. Without `stop` all at once.
std::vector<std::vector<float>> embed_until(TextEmbedder& embedder, std::span<const std::string> texts,
                                            const std::function<bool()>& stop);

}  // namespace loam
