#include "memory/documents/chunker.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "memory/text/token_estimate.h"

namespace loam {
namespace {

// Where the first sentence (or line) of `text` ends; an endless one is cut, so that cutting it up takes linear time.
size_t sentence_end(std::string_view text, bool keeps_lines) {
  constexpr size_t kLongestSentence = 8 << 10;  // bytes
  text = text.substr(0, kLongestSentence);
  if (text.size() == kLongestSentence) text = text.substr(0, complete_utf8_prefix(text));
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return i + 1;
    if (keeps_lines) continue;
    const bool is_mark = text[i] == '.' || text[i] == '!' || text[i] == '?';
    if (is_mark && i + 1 < text.size() && text[i + 1] == ' ') return i + 2;
    if (text.substr(i).starts_with("。")) return i + 3;
  }
  return text.size();
}

// A piece of at most `most` tokens, cut after a space if there is one in its second half.
size_t hard_cut(std::string_view text, double most) {
  double tokens = 0;
  size_t at = 0;
  while (at < text.size() && tokens < most) {
    const CodePoint point = decode_utf8(text, at);
    tokens += token_weight(point.value);
    at += static_cast<size_t>(point.bytes);
  }
  if (at == text.size()) return at;
  const size_t space = text.substr(0, at).rfind(' ');
  return space != std::string_view::npos && space > at / 2 ? space + 1 : at;
}

class Chunker {
 public:
  explicit Chunker(const ChunkLimits& limits) : limits_(limits) {}

  void add(const DocumentBlock& block) {
    if (block.is_heading && tokens_ >= limits_.min_tokens) close();
    const size_t n = count(block.text);
    if (n > limits_.max_tokens) {
      add_in_pieces(block);
    } else {
      add_text(block.text, n, block, block.place, "\n\n");
    }
  }
  std::vector<DocumentChunk> take() {
    close();
    join_last();
    return std::move(chunks_);
  }

 private:
  size_t count(std::string_view text) const { return limits_.count ? limits_.count(text) : estimate_tokens(text); }

  void add_in_pieces(const DocumentBlock& block) {
    DocumentPlace place = block.place;
    place.last_line = place.first_line;
    const char* between = "\n\n";
    for (std::string_view rest = block.text; !rest.empty();) {
      size_t end = sentence_end(rest, block.keeps_lines);
      if (count(rest.substr(0, end)) > limits_.max_tokens) {
        end = hard_cut(rest.substr(0, end), static_cast<double>(limits_.max_tokens) * 0.75);
      }
      const std::string_view piece = rest.substr(0, end);
      add_text(piece, count(piece), block, place, between);
      between = "";  // the piece ends with its own space or line end
      rest.remove_prefix(end);
      const bool counts_lines = place.first_line > 0 && piece.ends_with('\n');
      if (counts_lines) place.last_line = ++place.first_line;
    }
  }
  void add_text(std::string_view text, size_t n, const DocumentBlock& block, const DocumentPlace& place,
                const char* between) {
    if (tokens_ > 0 && tokens_ + n > limits_.max_tokens) close();
    if (open_.text.empty()) {
      open_.heading = block.heading;
      open_.place = place;
    } else {
      open_.text += between;
    }
    open_.text += text;
    open_.place.last_line = std::max(open_.place.last_line, place.last_line);
    tokens_ += n;
  }
  void close() {
    while (!open_.text.empty() && (open_.text.back() == ' ' || open_.text.back() == '\n')) open_.text.pop_back();
    if (!open_.text.empty()) {
      chunks_.push_back(std::move(open_));
      sizes_.push_back(tokens_);
    }
    open_ = {};
    tokens_ = 0;
  }
  // A short end goes with what is before it, where both fit.
  void join_last() {
    const size_t n = chunks_.size();
    if (n < 2 || sizes_[n - 1] >= limits_.min_tokens || sizes_[n - 2] + sizes_[n - 1] > limits_.max_tokens) return;
    chunks_[n - 2].text += "\n\n" + chunks_[n - 1].text;
    chunks_[n - 2].place.last_line = chunks_[n - 1].place.last_line;
    chunks_.pop_back();
  }

  const ChunkLimits& limits_;
  std::vector<DocumentChunk> chunks_;
  std::vector<size_t> sizes_;  // tokens of each
  DocumentChunk open_;
  size_t tokens_ = 0;
};

}  // namespace

std::vector<DocumentChunk> cut_document(const Document& document, const ChunkLimits& limits) {
  Chunker chunker(limits);
  for (const DocumentBlock& block : document.blocks) chunker.add(block);
  return chunker.take();
}

}  // namespace loam
