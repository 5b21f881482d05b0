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
  const std::vector<int64_t>* numbers = metadata.integers(kKey);
  if (!numbers || numbers->empty()) return;
  std::string bytes;
  for (const int64_t number : *numbers) bytes += static_cast<char>(number);
  read(bytes, [&](const std::string& what) { return vocabulary_error(metadata, "length", kKey, what); });
}

CharsMap::CharsMap(std::string_view bytes) {
  if (bytes.empty()) return;
  read(bytes, [](const std::string& what) {
    return Error(Error::Code::model_invalid, "precompiled_charsmap: " + what, "tokenizer.json@0");
  });
}

void CharsMap::read(std::string_view bytes, const std::function<Error(const std::string&)>& fault) {
  const auto word = [&](size_t i) {
    uint32_t value = 0;
    for (int k = 3; k >= 0; --k) value = value << 8 | static_cast<uint8_t>(bytes[i + static_cast<size_t>(k)]);
    return value;
  };
  const size_t trie_bytes = bytes.size() < 4 ? 0 : word(0);
  if (trie_bytes % 4 != 0 || trie_bytes == 0 || trie_bytes + 4 > bytes.size())
    throw fault(fmt::format("a trie of {} bytes does not fit {}", trie_bytes, bytes.size()));
  for (size_t i = 4; i < trie_bytes + 4; i += 4) units_.push_back(word(i));
  replacements_ = bytes.substr(trie_bytes + 4);
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

template <class Found>
void CharsMap::find_matches(std::string_view text, size_t i, Found&& found) const {
  if (units_.empty()) return;
  uint32_t at = offset_of(units_[0]);
  for (size_t n = 1; n <= kMaxReplacedBytes && i + n <= text.size(); ++n) {
    const auto label = static_cast<unsigned char>(text[i + n - 1]);
    at ^= label;
    if (label == 0 || at >= units_.size() || (units_[at] & 0x800000FFu) != label) break;
    const bool has_value = (units_[at] & 0x100) != 0;
    at ^= offset_of(units_[at]);
    if (!has_value || at >= units_.size()) continue;
    const uint32_t offset = units_[at] & 0x7FFFFFFFu;
    if (offset < replacements_.size() && !found({n, replacement_at(offset)})) return;
  }
}

CharsMap::Match CharsMap::longest_match(std::string_view text, size_t i) const {
  Match best;
  find_matches(text, i, [&](const Match& match) {
    best = match;
    return true;
  });
  return best.replacement.size() > kMaxReplacement ? Match{} : best;
}

std::optional<std::string_view> CharsMap::first_match(std::string_view text) const {
  std::optional<std::string_view> first;
  find_matches(text, 0, [&](const Match& match) {
    if (match.replacement.size() <= kMaxReplacement) first = match.replacement;
    return false;
  });
  return first;
}

std::string_view CharsMap::replacement_at(uint32_t offset) const { return replacements_.c_str() + offset; }

}  // namespace loam
