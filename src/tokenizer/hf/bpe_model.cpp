// Byte-pair encoding with the settings that tokenizer.json files have. Sennrich et al. 2016, arXiv:1508.07909.
#include <algorithm>
#include <array>
#include <string>

#include "base/utf8.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/flat_map.h"
#include "tokenizer/hf/word_model.h"
#include "tokenizer/hf/words.h"
#include "tokenizer/merger.h"

namespace loam::hf {
namespace {

constexpr const char* kMergesKey = "tokenizer.ggml.merges";

size_t characters_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

class Bpe final : public WordModel {
 public:
  Bpe(const Settings& s, const Metadata& metadata, const Vocabulary& vocabulary, bool bytes)
      : vocabulary_(vocabulary),
        words_(s, vocabulary),
        bytes_(bytes),
        whole_words_first_(s.flag("ignore_merges", false)),
        byte_fallback_(s.flag("byte_fallback", false)),
        fuse_unknown_(s.flag("fuse_unk", false)),
        prefix_(s.text("continuing_subword_prefix")),
        suffix_(s.text("end_of_word_suffix")),
        unknown_(s.has("unk_token") ? vocabulary.find(s.text("unk_token")) : -1) {
    measure_tokens();
    for (int byte = 0; byte < 256; ++byte)
      byte_symbols_[static_cast<size_t>(byte)] = words_.find(spelled(static_cast<char>(byte)), true);
    read_merges(s, metadata);
  }

  void encode(std::string_view word, bool special, std::vector<Token>& out) const override {
    if (whole_words_first_)
      if (const Token token = words_.find(bytes_ ? spelled(word) : std::string(word), special); token >= 0)
        return out.push_back(token);
    std::string known;
    if (drops_unknown() && has_unknown(word, special)) word = known = without_unknown(word, special);
    bool unknown_before = false;
    merge_pairs(Rule{*this, special}, word, [&](Token symbol, std::string_view text) {
      if (symbol < vocabulary_.size()) {
        out.push_back(symbol);
        unknown_before = false;
      } else if (!append_bytes(text, out)) {
        if (!(fuse_unknown_ && unknown_before) && unknown_ >= 0) out.push_back(unknown_);
        unknown_before = true;
      } else {
        unknown_before = false;
      }
    });
  }

 private:
  // Symbols are bytes, or characters where words are no bytes; ids from n_vocab on stand for unknown ones of 1, 2, 3 or
  // 4 bytes.
  struct Rule {
    const Bpe& self;
    bool special;
    Token symbol(std::string_view text, size_t i) const { return self.symbol(text, i, special); }
    uint32_t length(Token symbol) const { return self.lengths_[static_cast<size_t>(symbol)]; }
    Merge merge(Token left, Token right, std::string_view) const {
      const Merge* merge = self.merges_.find(key(left, right));
      return merge && self.words_.has(merge->token, special) ? *merge : Merge{};
    }
  };

  static uint64_t key(Token left, Token right) {
    return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
  }
  static std::string spelled(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) append_utf8(out, spelling_of_byte(static_cast<unsigned char>(c)));
    return out;
  }
  static std::string spelled(char byte) { return spelled(std::string_view(&byte, 1)); }

  size_t bytes_at(std::string_view text, size_t i) const {
    return bytes_ ? 1 : static_cast<size_t>(decode_utf8(text, i).bytes);
  }

  Token symbol(std::string_view text, size_t i, bool special) const {
    const size_t n = bytes_at(text, i);
    Token token = -1;
    if (prefix_.empty() && suffix_.empty()) {
      token = bytes_ ? byte_symbols_[static_cast<unsigned char>(text[i])] : words_.find(text.substr(i, n), true);
    } else {
      const std::string own = bytes_ ? spelled(text[i]) : std::string(text.substr(i, n));
      token = words_.find((i > 0 ? prefix_ : "") + own + (i + n == text.size() ? suffix_ : ""), true);
      if (token >= 0 && lengths_[static_cast<size_t>(token)] != n) token = -1;
    }
    return token >= 0 && words_.has(token, special) ? token : vocabulary_.size() + static_cast<Token>(n) - 1;
  }

  // Unknown characters leave nothing behind where the file names no token for them.
  bool drops_unknown() const { return unknown_ < 0; }
  bool is_unknown(std::string_view text, size_t i, bool special) const {
    return symbol(text, i, special) >= vocabulary_.size() && !has_bytes(text.substr(i, bytes_at(text, i)));
  }
  bool has_unknown(std::string_view word, bool special) const {
    for (size_t i = 0; i < word.size(); i += bytes_at(word, i))
      if (is_unknown(word, i, special)) return true;
    return false;
  }
  std::string without_unknown(std::string_view word, bool special) const {
    std::string out;
    for (size_t i = 0; i < word.size(); i += bytes_at(word, i))
      if (!is_unknown(word, i, special)) out += word.substr(i, bytes_at(word, i));
    return out;
  }

  Token byte_token(char c) const { return vocabulary_.byte_token(static_cast<unsigned char>(c)); }
  bool has_bytes(std::string_view text) const {
    return byte_fallback_ && std::ranges::all_of(text, [&](char c) { return byte_token(c) >= 0; });
  }
  bool append_bytes(std::string_view text, std::vector<Token>& out) const {
    if (!has_bytes(text)) return false;
    for (const char c : text) out.push_back(byte_token(c));
    return true;
  }

  // What each token takes of a word.
  void measure_tokens() {
    lengths_.resize(static_cast<size_t>(vocabulary_.size()) + 4);
    for (Token token = 0; token < vocabulary_.size(); ++token) {
      std::string_view text = vocabulary_.text(token);
      if (!prefix_.empty() && text.size() > prefix_.size() && text.starts_with(prefix_))
        text.remove_prefix(prefix_.size());
      if (!suffix_.empty() && text.ends_with(suffix_)) text.remove_suffix(suffix_.size());
      const size_t length = bytes_ ? characters_of(text) : text.size();
      lengths_[static_cast<size_t>(token)] = static_cast<uint32_t>(std::max<size_t>(length, 1));
    }
    for (size_t bytes = 1; bytes <= 4; ++bytes)
      lengths_[static_cast<size_t>(vocabulary_.size()) + bytes - 1] = static_cast<uint32_t>(bytes);
  }

  void read_merges(const Settings& s, const Metadata& metadata) {
    const std::vector<std::string_view>* texts = metadata.strings(kMergesKey);
    if (texts == nullptr) s.fail("has no merges");
    merges_ = FlatMap<Merge>(texts->size());
    const auto ends = s.numbers("merge_ends");  // [merge, bytes of its left text] where a text has spaces of its own
    auto end = ends.begin();
    for (size_t rank = 0; rank < texts->size(); ++rank) {
      const std::string_view text = (*texts)[rank];
      size_t space = text.find(' ', 1);
      if (end != ends.end() && (*end)[0] == rank) space = (*end++)[1];
      if (space < text.size() && text[space] == ' ' && add_merge(text, space, static_cast<uint32_t>(rank))) continue;
      s.fail(fmt::format("has the merge {} (\"{}\") of texts that are no tokens", rank,
                         escape_control(text.substr(0, 64))));
    }
  }

  bool add_merge(std::string_view text, size_t space, uint32_t rank) {
    const std::string_view left = text.substr(0, space), right = text.substr(space + 1);
    const bool continued = !prefix_.empty() && right.starts_with(prefix_);
    std::string both(left);
    both += continued ? right.substr(prefix_.size()) : right;
    const Token l = vocabulary_.find(left), r = vocabulary_.find(right), joined = vocabulary_.find(both);
    if (l < 0 || r < 0 || joined < 0) return false;
    const auto length = [&](Token token) { return lengths_[static_cast<size_t>(token)]; };
    if (length(joined) == length(l) + length(r)) merges_[key(l, r)] = {rank, joined};
    return true;
  }

  const Vocabulary& vocabulary_;
  const Words words_;
  const bool bytes_, whole_words_first_, byte_fallback_, fuse_unknown_;
  const std::string prefix_, suffix_;
  const Token unknown_;
  std::vector<uint32_t> lengths_;
  std::array<Token, 256> byte_symbols_{};
  FlatMap<Merge> merges_;
};

}  // namespace

std::unique_ptr<WordModel> make_bpe(const Settings& s, const Metadata& metadata, const Vocabulary& vocabulary,
                                    bool spells_bytes) {
  return std::make_unique<Bpe>(s, metadata, vocabulary, spells_bytes);
}

}  // namespace loam::hf
