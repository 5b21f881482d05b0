#include "tokenizer/spm.h"

#include <algorithm>
#include <bit>

#include "base/utf8.h"
#include "tokenizer/escaped_space.h"

namespace loam {
namespace {

constexpr Vocabulary::Defaults kSpmDefaults{.bos = 1, .eos = 2, .unknown = 0, .add_bos = true};

// Orders like −score, as an unsigned number below Merge::kNever: the bits of a float sort by magnitude within a sign.
uint32_t rank_of(float score) {
  const auto bits = std::bit_cast<uint32_t>(score + 0.0f);  // −0 becomes 0
  return bits >> 31 ? bits : ~(bits | 0x80000000u);
}

}  // namespace

// Symbols are the characters of plain text, in which a space stands for ▁.
struct SpmTokenizer::Rule {
  const SpmTokenizer& self;

  Token symbol(std::string_view text, size_t i) const {
    const int bytes = decode_utf8(text, i).bytes;
    const Token token = self.find_plain(text.substr(i, bytes));
    return token >= 0 ? token : self.n_vocab() + bytes - 1;
  }
  uint32_t length(Token symbol) const { return self.lengths_[symbol]; }
  Merge merge(Token, Token, std::string_view both) const {
    if (both.size() > self.max_length_) return {};
    const Token token = self.find_plain(both);
    return token < 0 ? Merge{} : Merge{self.ranks_[token], token};
  }
};

SpmTokenizer::SpmTokenizer(const Metadata& metadata)
    : VocabularyTokenizer(metadata, kSpmDefaults),
      space_prefix_(metadata.boolean("tokenizer.ggml.add_space_prefix").value_or(true)) {
  const std::vector<float> scores = read_scores(metadata, n_vocab());
  ranks_.resize(n_vocab());
  lengths_.resize(n_vocab() + 4);
  for (Token token = 0; token < n_vocab(); ++token) {
    ranks_[token] = rank_of(scores[token]);
    lengths_[token] = static_cast<uint16_t>(unescaped_length(vocabulary_.text(token)));
    if (may_merge(token)) max_length_ = std::max<size_t>(max_length_, lengths_[token]);
  }
  for (int bytes = 1; bytes <= 4; ++bytes) lengths_[n_vocab() + bytes - 1] = static_cast<uint16_t>(bytes);
  index_spaced_tokens();
  find_inside_pairs();
}

void SpmTokenizer::index_spaced_tokens() {
  const auto spaced = [&](Token token) {
    return vocabulary_.contains(token) && may_merge(token) && lengths_[token] < vocabulary_.text(token).size();
  };
  size_t n_spaced = 0;
  for (Token token = 0; token < n_vocab(); ++token) n_spaced += spaced(token);
  spaced_ = TextIndex(n_spaced);
  for (Token token = 0; token < n_vocab(); ++token) {
    const Token ahead = token + TextIndex::kAhead;
    if (spaced(ahead)) spaced_.prefetch(unescape_space(vocabulary_.text(ahead)));
    if (!spaced(token)) continue;
    const std::string plain = unescape_space(vocabulary_.text(token));
    spaced_.insert(plain, token, [&](Token t) { return has_plain_text(vocabulary_.text(t), plain); });
  }
}

void SpmTokenizer::find_inside_pairs() {
  std::string plain;
  for (Token token = 0; token < n_vocab(); ++token) {
    if (!may_merge(token)) continue;
    plain.clear();
    append_unescaped(vocabulary_.text(token), plain);
    for (size_t i = 1; i < plain.size(); ++i) {
      inside_.set(static_cast<unsigned char>(plain[i - 1]) << 8 | static_cast<unsigned char>(plain[i]));
    }
  }
}

// Control tokens never come from text, and byte tokens only from bytes that are no character of the vocabulary.
bool SpmTokenizer::may_merge(Token token) const {
  const TokenType type = vocabulary_.type(token);
  return type != TokenType::control && type != TokenType::byte;
}

// The token that text may become, whose spaces are plain; or -1.
Token SpmTokenizer::find_plain(std::string_view plain) const {
  if (plain.find(' ') != plain.npos) {
    return spaced_.find(plain, [&](Token token) { return has_plain_text(vocabulary_.text(token), plain); });
  }
  const Token token = vocabulary_.find(plain);
  return token >= 0 && may_merge(token) ? token : -1;
}

// The next place that no token can span: what stands on its two sides merges independently.
size_t SpmTokenizer::end_of_chunk(std::string_view text, size_t begin) const {
  for (size_t i = begin + 1; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i - 1]), second = static_cast<unsigned char>(text[i]);
    const bool continuation = (second & 0xC0) == 0x80;
    if (!continuation && !inside_[first << 8 | second]) return i;
  }
  return text.size();
}

void SpmTokenizer::encode_text(std::string_view text, bool at_start, std::vector<Token>& out) const {
  std::string plain = space_prefix_ && at_start ? " " : "";
  append_unescaped(text, plain);
  const Rule rule{*this};
  const auto emit = [&](Token symbol, std::string_view piece) {
    if (symbol < n_vocab()) {
      out.push_back(symbol);
    } else {
      append_unknown(piece, out);
    }
  };
  for (size_t begin = 0; begin < plain.size();) {
    const size_t end = end_of_chunk(plain, begin);
    merge_pairs(rule, std::string_view(plain).substr(begin, end - begin), emit);
    begin = end;
  }
}

void SpmTokenizer::append_text(Token token, std::string& out) const { append_unescaped(vocabulary_.text(token), out); }

}  // namespace loam
