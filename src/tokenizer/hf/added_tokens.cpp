#include "tokenizer/hf/added_tokens.h"

#include <algorithm>

#include "tokenizer/hf/characters.h"

namespace loam::hf {

AddedTokens::AddedTokens(const Settings& settings, const Vocabulary& vocabulary, const Normalizer* normalizer) {
  std::unordered_map<Token, Settings> last;  // of those that stand there several times
  for (const Settings& added : settings.parts("added_tokens"))
    if (const Token token = vocabulary.find(added.text("content")); token >= 0) last.insert_or_assign(token, added);
  for (const auto& [token, added] : last) {
    const std::string text = added.text("content");
    const bool special = added.flag("special", false);
    flags_[token] = {.special = special || vocabulary.type(token) == TokenType::control,
                     .single_word = added.flag("single_word", false),
                     .strip_left = added.flag("lstrip", false),
                     .strip_right = added.flag("rstrip", false)};
    if (!added.flag("normalized", !special)) {
      insert(written_, text, token);
      continue;
    }
    std::string normal = text;
    if (normalizer != nullptr) normalizer->apply(normal);
    insert(normalized_, normal, token);
  }
}

void AddedTokens::insert(Set& set, std::string_view text, Token token) {
  if (text.empty()) return;
  set.trie.insert(text, token);
  set.starts[static_cast<unsigned char>(text[0])] = true;
  set.empty = false;
}

AddedTokens::Match AddedTokens::longest_at(const Set& set, std::string_view text, size_t begin) {
  Match best;
  uint32_t node = ByteTrie::kRoot;
  for (size_t i = begin; i < text.size(); ++i) {
    node = set.trie.child(node, text[i]);
    if (node == ByteTrie::kRoot) break;
    if (const Token token = set.trie.token(node); token >= 0) best = {token, i + 1};
  }
  return best;
}

bool AddedTokens::stands_alone(std::string_view text, size_t begin, size_t end) {
  const bool before = begin > 0 && is_word_character(decode_utf8(text, previous_character(text, begin)).value);
  const bool behind = end < text.size() && is_word_character(decode_utf8(text, end).value);
  return !before && !behind;
}

std::vector<Part> AddedTokens::split(const Set& set, std::string_view text, bool special) const {
  std::vector<Part> parts;
  size_t done = 0;
  for (size_t i = 0; !set.empty && i < text.size();) {
    const Match match = set.starts[static_cast<unsigned char>(text[i])] ? longest_at(set, text, i) : Match{};
    if (match.token < 0) {
      ++i;
      continue;
    }
    size_t begin = i, end = match.end;
    i = end;
    const Flags& flags = flags_.at(match.token);
    if ((flags.special && !special) || (flags.single_word && !stands_alone(text, begin, end))) continue;
    if (flags.strip_left) begin = std::max(done, start_of_space(text, begin));
    if (flags.strip_right) end = end_of_space(text, end);
    if (begin > done) parts.push_back({text.substr(done, begin - done), -1});
    parts.push_back({text.substr(begin, end - begin), match.token});
    done = end;
  }
  if (done < text.size()) parts.push_back({text.substr(done), -1});
  return parts;
}

}  // namespace loam::hf
