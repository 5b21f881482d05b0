#include "tokenizer/chars_map.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "tokenizer/vocabulary.h"

namespace loam {
namespace {

constexpr std::string_view kKey = "tokenizer.ggml.precompiled_charsmap";

// Unicode's longest are 18 characters; more is not normalisation, and would let a file make texts explode.
constexpr size_t kMaxReplacedBytes = 64, kMaxReplacement = 128;

uint32_t offset_of(uint32_t unit) { return unit >> 10 << ((unit & 0x200) >> 6); }

}  // namespace

CharsMap::CharsMap(const Metadata& metadata) {
  const std::vector<int64_t>* bytes = metadata.integers(kKey);
  if (!bytes || bytes->empty()) return;
  const auto word = [&](size_t i) {
    uint32_t value = 0;
    for (int k = 3; k >= 0; --k) value = value << 8 | static_cast<uint8_t>((*bytes)[i + k]);
    return value;
  };
  const size_t trie_bytes = bytes->size() < 4 ? 0 : word(0);
  if (trie_bytes % 4 != 0 || trie_bytes == 0 || trie_bytes + 4 > bytes->size()) {
    throw vocabulary_error(metadata, "length", kKey,
                           fmt::format("a trie of {} bytes does not fit {}", trie_bytes, bytes->size()));
  }
  for (size_t i = 4; i < trie_bytes + 4; i += 4) units_.push_back(word(i));
  for (size_t i = trie_bytes + 4; i < bytes->size(); ++i) replacements_ += static_cast<char>((*bytes)[i]);
  if (!replacements_.ends_with('\0')) replacements_ += '\0';
}

size_t CharsMap::normalize(std::string_view text, size_t i, std::string& out) const {
  if (const Match match = longest_match(text, i); match.length > 0) {
    out += match.replacement;
    return match.length;
  }
  const CodePoint c = decode_utf8(text, i);
  append_utf8(out, c.value);
  return c.bytes;
}

CharsMap::Match CharsMap::longest_match(std::string_view text, size_t i) const {
  Match best;
  if (units_.empty()) return best;
  uint32_t at = offset_of(units_[0]);
  for (size_t n = 1; n <= kMaxReplacedBytes && i + n <= text.size(); ++n) {
    const auto label = static_cast<unsigned char>(text[i + n - 1]);
    at ^= label;
    if (label == 0 || at >= units_.size() || (units_[at] & 0x800000FFu) != label) break;
    const bool has_value = (units_[at] & 0x100) != 0;
    at ^= offset_of(units_[at]);
    if (!has_value || at >= units_.size()) continue;
    const uint32_t offset = units_[at] & 0x7FFFFFFFu;
    if (offset < replacements_.size()) best = {n, replacement_at(offset)};
  }
  return best.replacement.size() > kMaxReplacement ? Match{} : best;
}

std::string_view CharsMap::replacement_at(uint32_t offset) const { return replacements_.c_str() + offset; }

}  // namespace loam
