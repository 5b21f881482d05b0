// Cuts a text into the words inside which byte-pair merges happen.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tokenizer/pre_tokenizers.h"

namespace loam {

class PreTokenizer {
 public:
  using Sink = std::function<void(std::string_view word)>;

  explicit PreTokenizer(const PreTokenizerInfo& info);
  ~PreTokenizer();

  std::string_view name() const { return info_.name; }

  // Calls `sink` with each word in order; they are views into `text` and cover all of it. `text` must be valid UTF-8.
  // Linear in its length.
  void split(std::string_view text, const Sink& sink) const;

  // One expression, and what it leaves between its matches; made by make_splitter().
  class Splitter;

 private:
  const PreTokenizerInfo& info_;
  std::vector<std::unique_ptr<Splitter>> splitters_;
};

}  // namespace loam
