#include "tokenizer/wordpiece.h"

#include <utf8proc.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenizer/escaped_space.h"

namespace loam {
namespace {

// BERT's ids, for files that name none.
constexpr Token kCls = 101, kSep = 102, kUnknown = 100, kPadding = 0;
// Longer words are unknown as a whole, as in the original; it also bounds the work per word.
constexpr size_t kMaxWordCharacters = 100;

Vocabulary::Defaults defaults_of(const Metadata& metadata) {
  const auto cls = metadata.integer("tokenizer.ggml.cls_token_id", 0, INT32_MAX).value_or(kCls);
  return {.bos = static_cast<Token>(cls), .unknown = kUnknown, .separator = kSep, .padding = kPadding, .add_bos = true};
}

bool is_nonspacing_mark(char32_t value) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(value)) == UTF8PROC_CATEGORY_MN;
}

bool is_punctuation(Char c) { return c.is(kPunctuation) || (c.value < 128 && c.is(kSymbol)); }

}  // namespace

WordPieceTokenizer::WordPieceTokenizer(const Metadata& metadata)
    : VocabularyTokenizer(metadata, defaults_of(metadata)),
      lowercase_(metadata.boolean("tokenizer.ggml.normalizer.lowercase").value_or(true)),
      strip_accents_(metadata.boolean("tokenizer.ggml.normalizer.strip_accents").value_or(lowercase_)) {
  bool escaped = false;
  for (Token token = 0; token < n_vocab(); ++token) {
    const std::string_view text = vocabulary_.text(token);
    max_token_bytes_ = std::max(max_token_bytes_, text.size());
    escaped = escaped || text.starts_with(kEscapedSpace);
  }
  first_mark_ = escaped ? kEscapedSpace : "";
  next_mark_ = escaped ? "" : "##";
}

// Decomposed without its accents, and in lower case, as far as the model wants it.
std::vector<char32_t> WordPieceTokenizer::normalize(char32_t value) const {
  std::vector<char32_t> out{value};
  if (strip_accents_ && value >= 0x80) {
    utf8proc_int32_t parts[16];
    int boundary = 0;
    const auto n =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(value), parts, 16, UTF8PROC_DECOMPOSE, &boundary);
    if (n > 0 && n <= 16) out.assign(parts, parts + n);
    std::erase_if(out, is_nonspacing_mark);
  }
  if (lowercase_) {
    for (char32_t& c : out) c = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  }
  return out;
}

void WordPieceTokenizer::encode_text(std::string_view text, bool, std::vector<Token>& out) const {
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) encode_word(word, out);
    word.clear();
  };
  for (size_t i = 0; i < text.size();) {
    const Char c = char_at(text, i);
    i += c.bytes;
    if (c.is(kSpace)) {
      end_word();
      continue;
    }
    if (c.value == kReplacement || c.is(kControl)) continue;
    const bool alone = is_punctuation(c) || is_cjk_ideograph(c.value);
    if (alone) end_word();
    for (const char32_t part : normalize(c.value)) append_utf8(word, part);
    if (alone) end_word();
  }
  end_word();
}

void WordPieceTokenizer::encode_word(std::string_view word, std::vector<Token>& out) const {
  const size_t before = out.size();
  bool known = count_code_points(word) <= kMaxWordCharacters;
  for (size_t i = 0; known && i < word.size();) {
    size_t length = 0;
    const Token token = longest_prefix(word.substr(i), i == 0, length);
    known = token >= 0;
    if (known) out.push_back(token);
    i += length;
  }
  if (known) return;
  out.resize(before);
  if (unknown() >= 0) out.push_back(unknown());
}

Token WordPieceTokenizer::longest_prefix(std::string_view word, bool first, size_t& length) const {
  std::string stored(first ? first_mark_ : next_mark_);
  const size_t mark = stored.size();
  stored += word.substr(0, max_token_bytes_);
  for (; stored.size() > mark; stored.pop_back()) {
    const Token token = vocabulary_.find_in_text(stored);
    if (token < 0) continue;
    length = stored.size() - mark;
    return token;
  }
  return -1;
}

void WordPieceTokenizer::append_text(Token token, std::string& out) const {
  std::string_view text = vocabulary_.text(token);
  const std::string_view mark = first_mark_.empty() ? next_mark_ : first_mark_;
  const bool marked = text.starts_with(mark);
  if (marked) text.remove_prefix(mark.size());
  const bool starts_word = first_mark_.empty() ? !marked : marked;
  if (starts_word) out += ' ';
  out += text;
}

}  // namespace loam
