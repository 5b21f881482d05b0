#include "tokenizer/hf/pre_tokenizer_step.h"

#include <string>
#include <utility>
#include <vector>

#include "tokenizer/hf/characters.h"
#include "tokenizer/hf/pattern.h"
#include "tokenizer/hf/scripts.h"
#include "tokenizer/pre_tokenizers.h"

namespace loam::hf {
namespace {

// Cuts at what `find` tells.
template <class Find>
void cut_by(const Piece& piece, Behavior behavior, const PieceSink& sink, Find&& find) {
  Cutter cutter(behavior, [&](size_t begin, size_t end) {
    sink({piece.text.substr(begin, end - begin), piece.first && begin == 0});
  });
  find([&](size_t begin, size_t end, bool match) { cutter.add(begin, end, match); });
  cutter.finish();
}

class Split final : public PreTokenizerStep {
 public:
  Split(Pattern pattern, Behavior behavior, bool inverted)
      : pattern_(std::move(pattern)), behavior_(behavior), inverted_(inverted) {}
  void cut(const Piece& piece, const PieceSink& sink) const override {
    cut_by(piece, behavior_, sink, [&](const SpanSink& add) {
      pattern_.find_all(piece.text, [&](size_t begin, size_t end, bool match) { add(begin, end, match != inverted_); });
    });
  }

 private:
  const Pattern pattern_;
  const Behavior behavior_;
  const bool inverted_;
};

class ByCharacters final : public PreTokenizerStep {
 public:
  ByCharacters(std::function<bool(char32_t)> wanted, Behavior behavior)
      : wanted_(std::move(wanted)), behavior_(behavior) {}
  void cut(const Piece& piece, const PieceSink& sink) const override {
    cut_by(piece, behavior_, sink, [&](const SpanSink& add) { find_characters(piece.text, wanted_, add); });
  }

 private:
  const std::function<bool(char32_t)> wanted_;
  const Behavior behavior_;
};

class ByteLevel final : public PreTokenizerStep {
 public:
  ByteLevel(bool add_space, bool cuts) : add_space_(add_space), cuts_(cuts) {}
  void cut(const Piece& piece, const PieceSink& sink) const override {
    std::string spaced;
    Piece whole = piece;
    if (add_space_ && !piece.text.starts_with(' ')) whole.text = spaced = " " + std::string(piece.text);
    if (!cuts_) return sink(whole);
    cut_by(whole, Behavior::isolated, sink, [&](const SpanSink& add) { words_.find_all(whole.text, add); });
  }

 private:
  const bool add_space_, cuts_;
  const Pattern words_ = Pattern::of_regex(kGpt2Pattern);
};

// SentencePiece's ▁ for spaces, and one before the text.
class Metaspace final : public PreTokenizerStep {
 public:
  explicit Metaspace(const Settings& s) : mark_(s.text("replacement", "▁")), cuts_(s.flag("split", true)) {
    std::string scheme = s.text("prepend_scheme", "always");
    if (!s.flag("add_prefix_space", true)) scheme = "never";
    if (scheme != "always" && scheme != "first" && scheme != "never")
      s.unsupported("prepend_scheme", "always, first and never");
    always_ = scheme == "always";
    first_ = scheme == "first";
    if (mark_.empty()) s.fail("has an empty replacement");
  }
  void cut(const Piece& piece, const PieceSink& sink) const override {
    std::string text;
    for (const char c : piece.text) c == ' ' ? text += mark_ : text += c;
    if ((always_ || (first_ && piece.first)) && !text.starts_with(mark_)) text.insert(0, mark_);
    const Piece whole{text, piece.first};
    if (!cuts_) return sink(whole);
    cut_by(whole, Behavior::merged_with_next, sink, [&](const SpanSink& add) {
      size_t done = 0;
      for (size_t at; (at = text.find(mark_, done)) != text.npos; done = at + mark_.size()) {
        if (at > done) add(done, at, false);
        add(at, at + mark_.size(), true);
      }
      if (done < text.size()) add(done, text.size(), false);
    });
  }

 private:
  const std::string mark_;
  const bool cuts_;
  bool always_ = false, first_ = false;
};

// Runs of one script; what goes with any script and begins a text is left out.
class UnicodeScripts final : public PreTokenizerStep {
 public:
  void cut(const Piece& piece, const PieceSink& sink) const override {
    size_t begin = 0;
    uint16_t script = 0;  // of the run that began at `begin`
    const auto end_run = [&](size_t end) {
      if (script != 0) sink({piece.text.substr(begin, end - begin), piece.first && begin == 0});
    };
    for (size_t i = 0; i < piece.text.size();) {
      const CodePoint c = decode_utf8(piece.text, i);
      if (const uint16_t own = script_of(c.value); own != 0 && own != script) {
        end_run(i);
        begin = i;
        script = own;
      }
      i += static_cast<size_t>(c.bytes);
    }
    end_run(piece.text.size());
  }
};

class FixedLength final : public PreTokenizerStep {
 public:
  explicit FixedLength(int64_t length) : length_(length) {}
  void cut(const Piece& piece, const PieceSink& sink) const override {
    for (size_t begin = 0; begin < piece.text.size();) {
      size_t end = begin;
      for (int64_t n = 0; n < length_ && end < piece.text.size(); ++n)
        end += static_cast<size_t>(decode_utf8(piece.text, end).bytes);
      sink({piece.text.substr(begin, end - begin), piece.first && begin == 0});
      begin = end;
    }
  }

 private:
  const int64_t length_;
};

class StepSequence final : public PreTokenizerStep {
 public:
  explicit StepSequence(std::vector<std::unique_ptr<PreTokenizerStep>> parts) : parts_(std::move(parts)) {}
  void cut(const Piece& piece, const PieceSink& sink) const override { cut_from(0, piece, sink); }

 private:
  void cut_from(size_t part, const Piece& piece, const PieceSink& sink) const {
    if (part == parts_.size()) return sink(piece);
    parts_[part]->cut(piece, [&, part](const Piece& inner) { cut_from(part + 1, inner, sink); });
  }

  const std::vector<std::unique_ptr<PreTokenizerStep>> parts_;
};

// Rust's \w+|[^\w\s]+
constexpr std::string_view kWordsOrSigns =
    R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}\s]+)";

std::unique_ptr<PreTokenizerStep> by_characters(std::function<bool(char32_t)> wanted, Behavior behavior) {
  return std::make_unique<ByCharacters>(std::move(wanted), behavior);
}

std::unique_ptr<PreTokenizerStep> bert_words() {
  std::vector<std::unique_ptr<PreTokenizerStep>> parts;
  parts.push_back(by_characters(is_white_space, Behavior::removed));
  parts.push_back(by_characters(is_punctuation, Behavior::isolated));
  return std::make_unique<StepSequence>(std::move(parts));
}

std::unique_ptr<PreTokenizerStep> delimiter_split(const Settings& s) {
  const std::string delimiter = s.text("delimiter");
  if (delimiter.empty()) s.fail("has no delimiter");
  const char32_t wanted = decode_utf8(delimiter, 0).value;
  return by_characters([wanted](char32_t c) { return c == wanted; }, Behavior::removed);
}

PreTokenizerParts sequence_of(const Settings& s) {
  std::vector<std::unique_ptr<PreTokenizerStep>> parts;
  bool spells_bytes = false;
  for (const Settings& settings : s.parts("pretokenizers")) {
    PreTokenizerParts part = make_pre_tokenizer(settings);
    if (spells_bytes) settings.unsupported("type", "ByteLevel as the last step only");
    spells_bytes = part.spells_bytes;
    if (part.step) parts.push_back(std::move(part.step));
  }
  return {std::make_unique<StepSequence>(std::move(parts)), spells_bytes};
}

}  // namespace

PreTokenizerParts make_pre_tokenizer(const Settings& s) {
  if (s.empty()) return {};
  const std::string type = s.type();
  if (type == "Sequence") return sequence_of(s);
  if (type == "ByteLevel")
    return {std::make_unique<ByteLevel>(s.flag("add_prefix_space", true), s.flag("use_regex", true)), true};
  if (type == "Split")
    return {std::make_unique<Split>(Pattern(s.part("pattern")), read_behavior(s, Behavior::isolated),
                                    s.flag("invert", false))};
  if (type == "Digits")
    return {by_characters(is_numeric, s.flag("individual_digits", false) ? Behavior::isolated : Behavior::contiguous)};
  if (type == "Punctuation") return {by_characters(is_punctuation, read_behavior(s, Behavior::isolated))};
  if (type == "WhitespaceSplit") return {by_characters(is_white_space, Behavior::removed)};
  if (type == "Whitespace")
    return {std::make_unique<Split>(Pattern::of_regex(kWordsOrSigns), Behavior::removed, /*inverted=*/true)};
  if (type == "BertPreTokenizer") return {bert_words()};
  if (type == "Metaspace") return {std::make_unique<Metaspace>(s)};
  if (type == "UnicodeScripts") return {std::make_unique<UnicodeScripts>()};
  if (type == "CharDelimiterSplit") return {delimiter_split(s)};
  if (type == "FixedLength") return {std::make_unique<FixedLength>(std::max<int64_t>(1, s.count("length", 5)))};
  s.unsupported("type",
                "ByteLevel, Split, Digits, Whitespace, WhitespaceSplit, Punctuation, Metaspace, BertPreTokenizer, "
                "UnicodeScripts, CharDelimiterSplit, FixedLength and Sequence");
}

}  // namespace loam::hf
