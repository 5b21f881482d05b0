#include "tokenizer/hf/token_text.h"

#include "tokenizer/byte_level.h"

namespace loam::hf {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size()) text.replace(at, what.size(), with);
}

// English contractions and signs, as WordPiece's decoder writes them.
constexpr std::pair<std::string_view, std::string_view> kTidied[] = {
    {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
    {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};

}  // namespace

void TokenText::read(const Settings& s) {
  if (s.empty()) return;
  const std::string type = s.type();
  if (type == "Sequence") {
    for (const Settings& part : s.parts("decoders")) read(part);
  } else if (type == "ByteLevel") {
    spelled_bytes_ = true;
  } else if (type == "Metaspace") {
    replaced_.emplace_back(s.text("replacement", "▁"), " ");
    if (s.text("prepend_scheme", "always") != "never" && s.flag("add_prefix_space", true)) leading_spaces_ = 1;
  } else if (type == "Replace") {
    const Settings pattern = s.part("pattern");
    if (pattern.has("String")) replaced_.emplace_back(pattern.text("String"), s.text("content"));
  } else if (type == "Strip") {
    if (s.text("content") == " ") leading_spaces_ = static_cast<size_t>(s.count("start", 0));
  } else if (type == "WordPiece") {
    words_ = true;
    word_prefix_ = s.text("prefix", "##");
    tidies_ = s.flag("cleanup", true);
  } else if (type == "BPEDecoder") {
    word_suffix_ = s.text("suffix", "</w>");
  } else if (type != "ByteFallback" &&
             type != "Fuse") {  // bytes are what their tokens say, and texts are joined anyway
    s.unsupported("type",
                  "ByteLevel, ByteFallback, Metaspace, Replace, Strip, Fuse, WordPiece, BPEDecoder and Sequence");
  }
}

void TokenText::append(std::string_view stored, std::string& out) const {
  if (spelled_bytes_) return append_spelled(stored, out);
  if (words_) {
    if (stored.starts_with(word_prefix_))
      stored.remove_prefix(word_prefix_.size());
    else
      out += ' ';
  }
  std::string text(stored);
  for (const auto& [what, with] : replaced_) replace_all(text, what, with);
  replace_all(text, word_suffix_, " ");
  out += text;
}

void TokenText::finish(std::string& text) const {
  for (size_t n = words_ ? 1 : leading_spaces_; n > 0 && text.starts_with(' '); --n) text.erase(0, 1);
  if (!word_suffix_.empty() && text.ends_with(' ')) text.pop_back();
  if (tidies_)
    for (const auto& [what, with] : kTidied) replace_all(text, what, with);
}

}  // namespace loam::hf
