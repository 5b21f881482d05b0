// A tokenizer that does what a tokenizer.json says, part by part: added tokens, normaliser, pre-tokeniser, model and
// the tokens around a text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/hf/added_tokens.h"
#include "tokenizer/hf/frame.h"
#include "tokenizer/hf/normalizer.h"
#include "tokenizer/hf/pre_tokenizer_step.h"
#include "tokenizer/hf/token_text.h"
#include "tokenizer/hf/word_model.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocabulary.h"

namespace loam::hf {

class PipelineTokenizer final : public Tokenizer {
 public:
  // The key of the metadata that holds the parts; `tokenizer.ggml.*` holds tokens, scores and merges.
  static constexpr std::string_view kKey = "loam.tokenizer_json";

  explicit PipelineTokenizer(const Metadata& metadata);

  std::vector<Token> encode(std::string_view text, const EncodeOptions& options) const override;
  std::string piece(Token token, bool special) const override;
  std::string decode(const std::vector<Token>& tokens, bool special) const override;

  int n_vocab() const override { return vocabulary_.size(); }
  Token bos() const override { return frame_.before.empty() ? vocabulary_.bos : frame_.before[0]; }
  Token eos() const override { return vocabulary_.eos; }
  Token unknown() const override { return vocabulary_.unknown; }
  Token padding() const override { return vocabulary_.padding; }
  bool adds_bos() const override { return !frame_.before.empty(); }
  bool adds_eos() const override { return !frame_.behind.empty(); }
  bool is_end(Token token) const override { return vocabulary_.is_end(token); }
  const std::vector<Token>& end_tokens() const override { return vocabulary_.end_tokens; }
  bool is_control(Token token) const override;
  std::string_view text_of(Token token) const override;
  Token find(std::string_view stored) const override { return vocabulary_.find(stored); }
  std::string_view kind() const override { return kind_; }
  std::string_view pre() const override { return pre_; }

 private:
  PipelineTokenizer(const Metadata& metadata, const Settings& settings);
  void encode_part(std::string_view text, bool first, bool special, std::vector<Token>& out) const;
  void append_piece(Token token, bool special, std::string& out) const;

  const Vocabulary vocabulary_;
  const std::unique_ptr<Normalizer> normalizer_;  // may be nullptr
  const AddedTokens added_;
  const PreTokenizerParts words_;
  const std::unique_ptr<WordModel> model_;
  const Frame frame_;
  const TokenText token_text_;
  std::string kind_, pre_;
};

}  // namespace loam::hf
