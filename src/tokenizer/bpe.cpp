#include "tokenizer/bpe.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/escaped_space.h"

namespace loam {
namespace {

constexpr std::string_view kMerges = "tokenizer.ggml.merges";

// "left right" in its two parts, which are never empty; two empty texts where it has no such form.
std::pair<std::string_view, std::string_view> halves(std::string_view merge) {
  const size_t space = merge.find(' ', 1);
  if (merge.empty() || space == merge.npos || space + 1 == merge.size()) return {};
  return {merge.substr(0, space), merge.substr(space + 1)};
}

void prefetch(std::string_view merge, const Vocabulary& vocabulary) {
  const auto [left, right] = halves(merge);
  vocabulary.prefetch(left);
  vocabulary.prefetch(right);
}

// Characters of a text in UTF-8; parts of a text add up to the whole.
size_t count_characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

Vocabulary::Defaults defaults_of(const PreTokenizerInfo& pre) { return {.add_bos = pre.add_bos}; }

}  // namespace

MergeTable::MergeTable(const Metadata& metadata, const Vocabulary& vocabulary) {
  const std::vector<std::string_view>* texts = metadata.strings(kMerges);
  if (!texts) throw vocabulary_error(metadata, "key", kMerges, "missing; a byte-pair tokenizer needs its merges");
  merges_ = FlatMap<Merge>(texts->size());
  std::string joined;
  Token previous = -1;
  for (size_t rank = 0; rank < texts->size(); ++rank) {
    if (rank + TextIndex::kAhead < texts->size()) prefetch((*texts)[rank + TextIndex::kAhead], vocabulary);
    const auto refuse = [&](std::string_view why) {
      return vocabulary_error(
          metadata, "token", kMerges,
          fmt::format("merge {} (\"{}\") {}", rank, escape_control((*texts)[rank].substr(0, 64)), why));
    };
    const auto [left_text, right_text] = halves((*texts)[rank]);
    if (right_text.empty()) throw refuse("is not two texts with a space between them");
    joined.assign(left_text).append(right_text);
    // Most files list merges in the order of the tokens that they make.
    const bool follows = vocabulary.contains(previous + 1) && vocabulary.text(previous + 1) == joined;
    previous = follows ? previous + 1 : vocabulary.find(joined);
    const Token left = vocabulary.find(left_text), right = vocabulary.find(right_text);
    if (left < 0 || right < 0 || previous < 0) throw refuse("has a part or a result that is no token");
    if (vocabulary.type(previous) == TokenType::control) continue;  // text must not become one
    Merge& merge = merges_[uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right)];
    if (merge.rank == Merge::kNever) merge = {static_cast<uint32_t>(rank), previous};
  }
}

// Symbols are bytes, or characters where tokens are not byte-level.
struct BpeTokenizer::Rule {
  const BpeTokenizer& self;

  Token symbol(std::string_view text, size_t i) const {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (self.byte_level_ || byte < 0x80) return self.byte_symbols_[byte];
    const int bytes = decode_utf8(text, i).bytes;
    const Token token = self.vocabulary_.find_in_text(text.substr(i, bytes));
    return token >= 0 ? token : self.vocabulary_.size() + bytes - 1;
  }
  uint32_t length(Token symbol) const { return self.lengths_[symbol]; }
  Merge merge(Token left, Token right, std::string_view) const { return self.merges_.find(left, right); }
};

BpeTokenizer::BpeTokenizer(const Metadata& metadata, const PreTokenizerInfo& pre)
    : VocabularyTokenizer(metadata, defaults_of(pre)),
      pre_(pre),
      byte_level_(pre.byte_level),
      whole_words_first_(pre.whole_words_first),
      merges_(metadata, vocabulary_) {
  lengths_.resize(n_vocab() + 4);
  for (Token token = 0; token < n_vocab(); ++token) {
    const std::string_view text = vocabulary_.text(token);
    const size_t length = byte_level_ ? count_characters(text) : unescaped_length(text);
    lengths_[token] = static_cast<uint16_t>(std::max<size_t>(length, 1));
  }
  for (int bytes = 1; bytes <= 4; ++bytes) lengths_[n_vocab() + bytes - 1] = static_cast<uint16_t>(bytes);
  for (int byte = 0; byte < 256; ++byte) {
    const auto b = static_cast<unsigned char>(byte);
    const Token token = byte_level_ ? vocabulary_.find_in_text(to_utf8(spelling_of_byte(b)))
                        : b == ' '  ? vocabulary_.find_in_text(kEscapedSpace)
                                    : vocabulary_.find_in_text(std::string(1, static_cast<char>(b)));
    byte_symbols_[byte] = token >= 0 ? token : n_vocab();
  }
}

void BpeTokenizer::encode_text(std::string_view text, bool, std::vector<Token>& out) const {
  std::string valid;
  if (!is_valid_utf8(text)) text = valid = sanitize_utf8(text);
  if (!byte_level_ && text.find(kEscapedSpace) != text.npos) text = valid = unescape_space(text);
  pre_.split(text, [&](std::string_view word) { encode_word(word, out); });
}

void BpeTokenizer::encode_word(std::string_view word, std::vector<Token>& out) const {
  // Without byte-level words, line ends are the one word that no merge makes.
  if (whole_words_first_ || (!byte_level_ && word[0] == '\n')) {
    if (const Token token = find_word(word); token >= 0) {
      out.push_back(token);
      return;
    }
  }
  merge_pairs(Rule{*this}, word, [&](Token symbol, std::string_view piece) {
    if (symbol < n_vocab()) {
      out.push_back(symbol);
    } else {
      append_unknown(piece, out);
    }
  });
}

// The token whose bytes are those of the word, or -1.
Token BpeTokenizer::find_word(std::string_view word) const {
  if (!byte_level_) return vocabulary_.find_in_text(escape_space(word));
  std::string spelled;
  for (const char c : word) append_utf8(spelled, spelling_of_byte(static_cast<unsigned char>(c)));
  return vocabulary_.find_in_text(spelled);
}

void BpeTokenizer::append_text(Token token, std::string& out) const {
  if (byte_level_) {
    append_spelled(vocabulary_.text(token), out);
  } else {
    append_unescaped(vocabulary_.text(token), out);
  }
}

}  // namespace loam
