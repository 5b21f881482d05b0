#include "tokenizer/unigram.h"

#include <algorithm>
#include <limits>

#include "base/utf8.h"
#include "tokenizer/escaped_space.h"

namespace loam {
namespace {

constexpr Vocabulary::Defaults kUnigramDefaults{.eos = 1, .unknown = 2, .padding = 0, .add_eos = true};
constexpr double kUnknownPenalty = 10;  // below the lowest score, as in SentencePiece
constexpr double kUnreached = -std::numeric_limits<double>::infinity();

}  // namespace

UnigramTokenizer::UnigramTokenizer(const Metadata& metadata)
    : VocabularyTokenizer(metadata, kUnigramDefaults),
      space_prefix_(metadata.boolean("tokenizer.ggml.add_space_prefix").value_or(false)),
      merge_spaces_(metadata.boolean("tokenizer.ggml.remove_extra_whitespaces").value_or(false)),
      chars_map_(metadata),
      scores_(read_scores(metadata, n_vocab())) {
  double lowest = 0;
  for (Token token = 0; token < n_vocab(); ++token) {
    const TokenType type = vocabulary_.type(token);
    if (type == TokenType::user_defined) scores_[token] = 0;
    if (type == TokenType::normal) lowest = std::min<double>(lowest, scores_[token]);
    const bool text = type == TokenType::normal || type == TokenType::user_defined || type == TokenType::unused;
    if (text && !vocabulary_.text(token).empty()) trie_.insert(vocabulary_.text(token), token);
  }
  unknown_score_ = lowest - kUnknownPenalty;
}

// The text with ▁ for spaces: one before each word where runs of spaces are merged, else one for each space and, where
// the model wants it, one more at the start.
std::string UnigramTokenizer::normalize(std::string_view text) const {
  std::string normal, out;
  for (size_t i = 0; i < text.size();) i += chars_map_.normalize(text, i, normal);
  if (space_prefix_ && !merge_spaces_) out = kEscapedSpace;
  bool in_word = false;
  for (const char c : normal) {
    if (c == ' ' ? !merge_spaces_ : merge_spaces_ && !in_word) out += kEscapedSpace;
    if (c != ' ') out += c;
    in_word = c != ' ';
  }
  return out;
}

void UnigramTokenizer::encode_text(std::string_view text, bool, std::vector<Token>& out) const {
  const std::string normal = normalize(text);
  if (normal.size() > INT32_MAX)
    throw Error(Error::Code::invalid, "the text grows too long when it is normalised", "text");
  std::vector<Step> steps(normal.size() + 1, {kUnreached, -1, 0});
  steps[0].score = 0;
  for (size_t i = 0; i < normal.size(); i += decode_utf8(normal, i).bytes) extend(normal, i, steps);

  const size_t first = out.size();
  bool unknown_before = false;  // of a run of unknown characters only one token is given
  for (size_t end = normal.size(); end > 0; end = steps[end].begin) {
    const bool known = steps[end].token >= 0;
    const Token token = known ? steps[end].token : unknown();
    if (token >= 0 && (known || !unknown_before)) out.push_back(token);
    unknown_before = !known;
  }
  std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
}

// Tries all tokens that start at `begin`, a place that some segmentation reaches.
void UnigramTokenizer::extend(std::string_view text, size_t begin, std::vector<Step>& steps) const {
  const auto offer = [&](size_t end, Token token, double score) {
    const double total = steps[begin].score + score;
    if (total > steps[end].score) steps[end] = {total, token, static_cast<uint32_t>(begin)};
  };
  const size_t character = begin + decode_utf8(text, begin).bytes;
  bool character_known = false;
  uint32_t node = ByteTrie::kRoot;
  for (size_t i = begin; i < text.size(); ++i) {
    node = trie_.child(node, text[i]);
    if (node == ByteTrie::kRoot) break;
    const Token token = trie_.token(node);
    if (token < 0) continue;
    offer(i + 1, token, scores_[token]);
    character_known = character_known || i + 1 == character;
  }
  if (!character_known) offer(character, -1, unknown_score_);
}

void UnigramTokenizer::append_text(Token token, std::string& out) const {
  append_unescaped(vocabulary_.text(token), out);
}

}  // namespace loam
