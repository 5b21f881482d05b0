#include "tokenizer/special_tokens.h"

#include <algorithm>
#include <string>

namespace loam {
namespace {

bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool contains(const std::vector<Token>& ascending, Token token) {
  return std::binary_search(ascending.begin(), ascending.end(), token);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  }
  return out;
}

}  // namespace

SpecialTokens::SpecialTokens(const Metadata& metadata, const Vocabulary& vocabulary) : vocabulary_(vocabulary) {
  // GGUF does not store which tokens strip the space around them; these model families are known to.
  const std::string pre(metadata.string("tokenizer.ggml.pre").value_or(""));
  const std::string name = lower(metadata.string("general.name").value_or(""));
  const bool phi3 = name.find("phi-3") != name.npos || name.find("phi3") != name.npos;
  for (Token token = 0; token < vocabulary.size(); ++token) {
    const TokenType type = vocabulary.type(token);
    if (type != TokenType::control && type != TokenType::user_defined && type != TokenType::unknown) continue;
    const std::string_view text = vocabulary.text(token);
    if (text.empty()) continue;
    trie_.insert(text, token);
    starts_[static_cast<unsigned char>(text[0])] = true;
    if (phi3 && text != "<unk>" && text != "<s>" && text != "<|endoftext|>") strip_right_.push_back(token);
    if (text == "<mask>" && pre.starts_with("jina-v2")) strip_left_.push_back(token);
    if (text == "[MASK]" && pre == "modern-bert") strip_left_.push_back(token);
  }
}

SpecialTokens::Match SpecialTokens::longest_at(std::string_view text, size_t begin, bool control) const {
  Match best;
  uint32_t node = ByteTrie::kRoot;
  for (size_t i = begin; i < text.size(); ++i) {
    node = trie_.child(node, text[i]);
    if (node == ByteTrie::kRoot) break;
    const Token token = trie_.token(node);
    if (token >= 0 && (control || vocabulary_.type(token) == TokenType::user_defined)) best = {token, i + 1 - begin};
  }
  return best;
}

std::vector<Fragment> SpecialTokens::split(std::string_view text, bool control) const {
  std::vector<Fragment> fragments;
  size_t begin = 0;  // of the ordinary text that is still to be cut off
  for (size_t i = 0; i < text.size();) {
    const Match match = starts_[static_cast<unsigned char>(text[i])] ? longest_at(text, i, control) : Match{};
    if (match.token < 0) {
      ++i;
      continue;
    }
    size_t end = i;
    if (contains(strip_left_, match.token)) {
      while (end > begin && is_ascii_space(text[end - 1])) --end;
    }
    if (end > begin) fragments.push_back({text.substr(begin, end - begin)});
    fragments.push_back({text.substr(i, match.length), match.token});
    i += match.length;
    if (contains(strip_right_, match.token)) {
      while (i < text.size() && is_ascii_space(text[i])) ++i;
    }
    begin = i;
  }
  if (begin < text.size()) fragments.push_back({text.substr(begin)});
  return fragments;
}

}  // namespace loam
