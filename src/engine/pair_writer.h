// How a query and a document become the ids that a reranker reads: framed by tokens (PairFrame), or written into a
// prompt (PairPrompt).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text_prompts.h"
#include "file/metadata.h"
#include "tokenizer/pair_frame.h"
#include "tokenizer/pair_prompt.h"
#include "tokenizer/tokenizer.h"

namespace loam {

// What an encoder reads: a text's ids, or those of two texts.
struct EncoderInput {
  std::vector<Token> ids;
  int64_t n_first = INT64_MAX;  // ids that belong to the first text
  int32_t second_type = 0;      // of the others
  bool truncated = false;       // the document had more
};

class PairWriter {
 public:
  // `prompts`: of a model whose prompt says what to judge, the default one. `max_tokens`: of a pair with all that
  // stands around it. The tokenizer must outlive it. Errors as PairFrame and PairPrompt.
  PairWriter(const Metadata& metadata, const Tokenizer& tokenizer, const TextPrompts& prompts, int64_t max_tokens);

  // One input for each document. What is longer than max_tokens cuts the document; Error(invalid, "query") where the
  // query leaves no room for one.
  std::vector<EncoderInput> write(std::string_view query, std::span<const std::string> documents) const;

 private:
  std::vector<Token> encode(std::string_view text) const { return tokenizer_.encode(text, {.special = true}); }
  int64_t room_behind(int64_t n_before, int64_t n_behind) const;
  EncoderInput framed(const EncoderInput& start, std::string_view document) const;
  EncoderInput prompted(std::string_view start, std::string_view document) const;

  const Tokenizer& tokenizer_;
  const int64_t max_tokens_;
  std::optional<PairPrompt> prompt_;
  PairFrame frame_;            // where there is no prompt
  std::vector<Token> behind_;  // what ends every input
};

}  // namespace loam
