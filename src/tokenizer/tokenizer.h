// Text ↔ token ids, from a model file's `tokenizer.ggml.*` metadata.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "file/metadata.h"

namespace loam {

using Token = int32_t;

struct EncodeOptions {
  bool special = false;      // parse control tokens in the text; off for anything a user wrote
  bool add_special = false;  // add BOS/EOS as the metadata asks
};

class Tokenizer {
 public:
  // Throws Error(model_invalid) for inconsistent metadata (rows 29-33 of bad-inputs), Error(unsupported) naming an
  // unknown `tokenizer.ggml.model` or `.pre`; `force_pre` (from --force-pre) replaces the latter when not empty.
  // The tokenizer keeps views of the metadata's texts: the metadata, and the file under it, must outlive it.
  static std::unique_ptr<Tokenizer> load(const Metadata& metadata, std::string_view force_pre = {});
  virtual ~Tokenizer() = default;

  // Linear in the text's length. Invalid UTF-8 is taken as U+FFFD or bytes, never dropped silently.
  virtual std::vector<Token> encode(std::string_view text, const EncodeOptions& options = {}) const = 0;

  // The bytes of one token as they appear in text ("" for control tokens unless `special`).
  virtual std::string piece(Token token, bool special = false) const = 0;
  // Whole-text decode; the leading space that an add-space-prefix vocabulary inserted is removed.
  virtual std::string decode(const std::vector<Token>& tokens, bool special = false) const = 0;

  virtual int n_vocab() const = 0;
  virtual Token bos() const = 0;  // -1 where there is none
  virtual Token eos() const = 0;
  virtual Token unknown() const = 0;
  virtual Token padding() const = 0;
  virtual bool adds_bos() const = 0;
  virtual bool adds_eos() const = 0;
  virtual bool is_end(Token token) const = 0;  // any end-of-generation id
  virtual const std::vector<Token>& end_tokens() const = 0;
  virtual bool is_control(Token token) const = 0;
  virtual std::string_view text_of(
      Token token) const = 0;  // as stored in the vocabulary ("Ġthe", "▁the", "<|im_end|>")
  virtual Token find(std::string_view stored) const = 0;  // by stored text; -1 where there is none
  virtual std::string_view kind() const = 0;              // "bpe", "spm", "unigram", "wordpiece"
  virtual std::string_view pre() const = 0;
};

// Streaming detokenisation of text that continues a prompt: bytes come out only once they complete a UTF-8 sequence
// (invalid bytes become U+FFFD), and a first token's leading space stays.
class StreamDecoder {
 public:
  // `visible`: control tokens that are shown as text; others are not.
  explicit StreamDecoder(const Tokenizer& tokenizer, std::vector<Token> visible = {})
      : tokenizer_(tokenizer), visible_(std::move(visible)) {}
  std::string piece(Token token) const;  // the bytes that the token adds
  std::string push(Token token);
  std::string finish();                              // what is left, incomplete sequences as U+FFFD
  size_t n_held() const { return pending_.size(); }  // bytes

 private:
  const Tokenizer& tokenizer_;
  std::vector<Token> visible_;
  std::string pending_;  // the beginning of a sequence, at most 3 bytes
};

}  // namespace loam
