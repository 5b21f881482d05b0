// Small vocabularies as GGUF files in memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "file/gguf.h"
#include "tests/support/gguf_builder.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocabulary.h"

namespace loam::test {

// A tokenizer and what it keeps views of.
struct Loaded {
  std::string bytes;
  std::unique_ptr<GgufFile> file;
  std::unique_ptr<Tokenizer> tokenizer;

  const Tokenizer* operator->() const { return tokenizer.get(); }
};

inline Loaded load(const GgufBuilder& writer, std::string_view force_pre = {}) {
  Loaded loaded{writer.bytes(), nullptr, nullptr};
  loaded.file = GgufFile::parse(std::as_bytes(std::span(loaded.bytes)));
  loaded.tokenizer = Tokenizer::load(loaded.file->metadata(), force_pre);
  return loaded;
}

// What a test varies of a vocabulary; write() makes the file.
struct SmallVocabulary {
  std::string model = "gpt2", pre = "gpt-2";
  std::vector<std::string> tokens{}, merges{};
  std::vector<int32_t> types{};
  std::vector<float> scores{};

  Token add(const std::string& text, TokenType type = TokenType::normal, float score = 0) {
    tokens.push_back(text);
    types.push_back(static_cast<int32_t>(type));
    scores.push_back(score);
    return static_cast<Token>(tokens.size()) - 1;
  }
  // A merge and, where it is new, its token.
  void merge(const std::string& left, const std::string& right) {
    merges.push_back(left + " " + right);
    if (std::find(tokens.begin(), tokens.end(), left + right) == tokens.end()) add(left + right);
  }
  GgufBuilder write() const {
    GgufBuilder writer;
    writer.key("tokenizer.ggml.model", model).key("tokenizer.ggml.pre", pre).array("tokenizer.ggml.tokens", tokens);
    writer.array("tokenizer.ggml.token_type", types).array("tokenizer.ggml.scores", scores);
    if (model == "gpt2") writer.array("tokenizer.ggml.merges", merges);
    return writer;
  }
};

// Byte-level: ids 0 to 255 are the bytes.
inline SmallVocabulary byte_vocabulary() {
  SmallVocabulary vocabulary;
  for (int byte = 0; byte < 256; ++byte) vocabulary.add(to_utf8(spelling_of_byte(static_cast<unsigned char>(byte))));
  return vocabulary;
}

// SentencePiece: <unk>, <s>, </s>, the 256 byte tokens (ids 3 to 258), and ▁ with the lowest score.
inline SmallVocabulary spm_vocabulary() {
  SmallVocabulary vocabulary{.model = "llama", .pre = "default"};
  vocabulary.add("<unk>", TokenType::unknown);
  vocabulary.add("<s>", TokenType::control);
  vocabulary.add("</s>", TokenType::control);
  const char* digits = "0123456789ABCDEF";
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary.add(std::string("<0x") + digits[byte / 16] + digits[byte % 16] + ">", TokenType::byte);
  }
  vocabulary.add("▁", TokenType::normal, -1000);
  return vocabulary;
}

}  // namespace loam::test
