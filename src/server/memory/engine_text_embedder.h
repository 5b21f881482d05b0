// The engine's embedding model as memory sees it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/embedder.h"
#include "memory/text_embedder.h"

namespace loam {

class EngineTextEmbedder final : public TextEmbedder {
 public:
  // `name`: what vectors are kept under; the model's own where it is empty.
  explicit EngineTextEmbedder(std::shared_ptr<const Embedder> embedder, std::string name = {})
      : embedder_(std::move(embedder)), name_(name.empty() ? embedder_->name() : std::move(name)) {}

  std::string name() const override { return name_; }
  size_t dimensions() const override { return static_cast<size_t>(embedder_->dimensions()); }
  std::vector<std::vector<float>> embed(std::span<const std::string> texts) override {
    return embed_behind(embedder_->prompts().document(), texts);
  }
  std::vector<float> embed_query(const std::string& text) override {
    return embed_behind(embedder_->prompts().query(), std::span(&text, 1)).front();
  }

 private:
  std::vector<std::vector<float>> embed_behind(const std::string& prompt, std::span<const std::string> texts) const {
    std::vector<std::string> prompted;
    for (const std::string& text : texts) prompted.push_back(prompt + text);
    std::vector<std::vector<float>> vectors;
    for (Embedding& embedding : embedder_->embed(prompted)) vectors.push_back(std::move(embedding.vector));
    return vectors;
  }

  const std::shared_ptr<const Embedder> embedder_;
  const std::string name_;
};

}  // namespace loam
