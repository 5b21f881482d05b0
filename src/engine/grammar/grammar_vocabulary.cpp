#include "engine/grammar/grammar_vocabulary.h"

#include <algorithm>
#include <utility>

namespace loam {
namespace {

constexpr size_t kMostBytes = 65'535;

std::vector<std::string> pieces_of(const Tokenizer& tokenizer) {
  std::vector<std::string> pieces(static_cast<size_t>(tokenizer.n_vocab()));
  for (Token token = 0; token < tokenizer.n_vocab(); ++token) {
    if (!tokenizer.is_end(token)) pieces[static_cast<size_t>(token)] = tokenizer.piece(token);
  }
  return pieces;
}

}  // namespace

TokenTrie::TokenTrie(std::vector<Entry> entries) {
  std::ranges::sort(
      entries, [](const Entry& a, const Entry& b) { return std::pair(a.text, a.token) < std::pair(b.text, b.token); });
  std::vector<uint32_t> path;  // nodes along the text before
  std::string_view before;
  const auto leave = [&](size_t depth) {  // the nodes below `depth` are complete
    for (; path.size() > depth; path.pop_back()) nodes_[path.back()].skip = static_cast<uint32_t>(nodes_.size());
  };
  for (const auto& [text, token] : entries) {
    const auto common = std::ranges::mismatch(text, before).in1 - text.begin();
    leave(static_cast<size_t>(common));
    for (size_t i = path.size(); i < text.size(); ++i) {
      path.push_back(static_cast<uint32_t>(nodes_.size()));
      const auto n_tokens = static_cast<uint32_t>(tokens_.size());
      nodes_.push_back({0, n_tokens, static_cast<uint16_t>(i + 1), static_cast<uint8_t>(text[i])});
    }
    tokens_.push_back(token);
    nodes_.back().tokens_end = static_cast<uint32_t>(tokens_.size());
    depth_ = std::max(depth_, static_cast<int>(text.size()));
    before = text;
  }
  leave(0);
}

GrammarVocabulary::GrammarVocabulary(const Tokenizer& tokenizer)
    : GrammarVocabulary(pieces_of(tokenizer), tokenizer.end_tokens()) {}

GrammarVocabulary::GrammarVocabulary(std::vector<std::string> pieces, std::vector<Token> end_tokens)
    : end_tokens_(std::move(end_tokens)), short_tokens_({}), long_tokens_({}) {
  if (end_tokens_.empty()) {
    const auto silent = std::ranges::find(pieces, std::string());
    end_tokens_.push_back(silent == pieces.end() ? 0 : static_cast<Token>(silent - pieces.begin()));
  }
  for (const Token token : end_tokens_) pieces[static_cast<size_t>(token)].clear();
  begin_.push_back(0);
  for (const std::string& piece : pieces) {
    if (piece.size() <= kMostBytes) bytes_ += piece;
    begin_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  short_tokens_ = TokenTrie(entries(true));
  long_tokens_ = TokenTrie(entries(false));
}

std::vector<TokenTrie::Entry> GrammarVocabulary::entries(bool is_short) const {
  std::vector<TokenTrie::Entry> entries;
  for (Token token = 0; token < n_vocab(); ++token) {
    const std::string_view text = piece(token);
    if (!text.empty() && (text.size() <= kShortBytes) == is_short) entries.push_back({text, token});
  }
  return entries;
}

bool GrammarVocabulary::is_end(Token token) const { return std::ranges::find(end_tokens_, token) != end_tokens_.end(); }

}  // namespace loam
