#include "tokenizer/hf/normalizer.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/byte_level.h"
#include "tokenizer/hf/characters.h"
#include "tokenizer/hf/pattern.h"
#include "tokenizer/hf/precompiled.h"
#include "tokenizer/hf/scripts.h"

namespace loam::hf {
namespace {

// A text never grows beyond this multiple of itself, whatever a file says, and some more.
constexpr size_t kMostGrowth = 64, kMostAdded = 1 << 16;

void check_growth(size_t before, size_t after) {
  if (after > kMostGrowth * before + kMostAdded)
    throw Error(Error::Code::invalid, "the text grows too long when it is normalised", "text");
}

class Unicode final : public Normalizer {
 public:
  explicit Unicode(int options) : options_(options) {}
  bool apply(std::string& text) const override {
    if (is_ascii(text)) return true;
    std::string out;
    size_t done = 0;
    for (size_t i = 0; i < text.size();) {
      const CodePoint c = decode_utf8(text, i);
      const size_t end = i + static_cast<size_t>(c.bytes);
      if (!is_in_unicode_9(c.value)) {  // nothing to the package, which leaves it as it is
        append_normal(std::string_view(text).substr(done, i - done), out);
        out.append(text, i, end - i);
        done = end;
      }
      i = end;
    }
    append_normal(std::string_view(text).substr(done), out);
    text = std::move(out);
    return true;
  }

 private:
  void append_normal(std::string_view text, std::string& to) const {
    utf8proc_uint8_t* out = nullptr;
    const utf8proc_ssize_t n =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                     &out, static_cast<utf8proc_option_t>(options_ | UTF8PROC_STABLE));
    if (n >= 0) to.append(reinterpret_cast<const char*>(out), static_cast<size_t>(n));
    std::free(out);
    if (n < 0) throw Error(Error::Code::invalid, "the text cannot be normalised", "text");
  }

  const int options_;
};

// What each character becomes.
class ByCharacter final : public Normalizer {
 public:
  using Write = void (*)(char32_t c, std::string& out);
  explicit ByCharacter(Write write) : write_(write) {}
  bool apply(std::string& text) const override {
    std::string out;
    out.reserve(text.size());
    bool kept = true;
    for (size_t i = 0; i < text.size();) {
      const CodePoint c = decode_utf8(text, i);
      write_(c.value, out);
      i += static_cast<size_t>(c.bytes);
      if (i == static_cast<size_t>(c.bytes)) kept = !out.empty();
    }
    text = std::move(out);
    return kept;
  }

 private:
  const Write write_;
};

void without_marks(char32_t c, std::string& out) {
  if (!is_mark(c) || !is_in_unicode_9(c)) append_utf8(out, c);
}

void without_nonspacing_marks(char32_t c, std::string& out) {
  if (!is_nonspacing(c) || !is_in_unicode_9(c)) append_utf8(out, c);
}

// As sentencepiece prepares texts for machine translation.
void plain_spaces(char32_t c, std::string& out) {
  const bool control = (c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
  const bool space = c == 9 || c == 10 || c == 12 || c == 13 || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
                     c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  if (!control) append_utf8(out, space ? U' ' : c);
}

void clean(char32_t c, std::string& out) {
  const bool line = c == '\t' || c == '\n' || c == '\r';
  if (c == 0 || c == kReplacement || (!line && is_other(c))) return;
  append_utf8(out, line || is_white_space(c) ? U' ' : c);
}

void apart_ideographs(char32_t c, std::string& out) {
  if (!is_cjk_ideograph(c)) return append_utf8(out, c);
  out += ' ';
  append_utf8(out, c);
  out += ' ';
}

class NormalizerSequence final : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<Normalizer>> parts) : parts_(std::move(parts)) {}
  bool apply(std::string& text) const override {
    const size_t before = text.size();
    bool kept = true;
    for (const auto& part : parts_) {
      kept = part->apply(text) && kept;
      check_growth(before, text.size());
    }
    return kept;
  }

 private:
  const std::vector<std::unique_ptr<Normalizer>> parts_;
};

class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  bool apply(std::string& text) const override {
    size_t begin = 0, end = text.size();
    if (left_) begin = end_of_space(text, 0);
    if (right_) end = std::max(begin, start_of_space(text, text.size()));
    text = text.substr(begin, end - begin);
    return begin == 0;
  }

 private:
  const bool left_, right_;
};

class Replace final : public Normalizer {
 public:
  explicit Replace(const Settings& s) : pattern_(s.part("pattern")), content_(s.text("content")) {}
  bool apply(std::string& text) const override {
    std::string out;
    bool kept = true;
    pattern_.find_all(text, [&](size_t begin, size_t end, bool match) {
      if (match && begin == 0 && end > 0) kept = !content_.empty();
      out += match ? std::string_view(content_) : std::string_view(text).substr(begin, end - begin);
      check_growth(text.size(), out.size());
    });
    text = std::move(out);
    return kept;
  }

 private:
  const Pattern pattern_;
  const std::string content_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  bool apply(std::string& text) const override {
    if (!text.empty()) text.insert(0, prefix_);
    return true;
  }

 private:
  const std::string prefix_;
};

class SpelledBytes final : public Normalizer {
 public:
  bool apply(std::string& text) const override {
    std::string out;
    for (const char c : text) append_utf8(out, spelling_of_byte(static_cast<unsigned char>(c)));
    text = std::move(out);
    return true;
  }
};

constexpr int kDecomposed = UTF8PROC_DECOMPOSE, kComposed = UTF8PROC_COMPOSE, kCompatible = UTF8PROC_COMPAT;

std::unique_ptr<Normalizer> bert_normalizer(const Settings& s) {
  std::vector<std::unique_ptr<Normalizer>> parts;
  const auto add = [&](ByCharacter::Write write) { parts.push_back(std::make_unique<ByCharacter>(write)); };
  const bool lowercase = s.flag("lowercase", true);
  if (s.flag("clean_text", true)) add(clean);
  if (s.flag("handle_chinese_chars", true)) add(apart_ideographs);
  if (s.flag("strip_accents", lowercase)) {
    parts.push_back(std::make_unique<Unicode>(kDecomposed));
    add(without_nonspacing_marks);
  }
  if (lowercase) add(append_lower);
  return std::make_unique<NormalizerSequence>(std::move(parts));
}

}  // namespace

std::unique_ptr<Normalizer> make_normalizer(const Settings& s) {
  if (s.empty()) return nullptr;
  const std::string type = s.type();
  if (type == "NFC") return std::make_unique<Unicode>(kComposed);
  if (type == "NFD") return std::make_unique<Unicode>(kDecomposed);
  if (type == "NFKC") return std::make_unique<Unicode>(kComposed | kCompatible);
  if (type == "NFKD") return std::make_unique<Unicode>(kDecomposed | kCompatible);
  if (type == "Nmt") return std::make_unique<ByCharacter>(plain_spaces);
  if (type == "Lowercase") return std::make_unique<ByCharacter>(append_lower);
  if (type == "StripAccents") return std::make_unique<ByCharacter>(without_marks);
  if (type == "Strip") return std::make_unique<Strip>(s.flag("strip_left", true), s.flag("strip_right", true));
  if (type == "Replace") return std::make_unique<Replace>(s);
  if (type == "Prepend") return std::make_unique<Prepend>(s.text("prepend"));
  if (type == "ByteLevel") return std::make_unique<SpelledBytes>();
  if (type == "Precompiled") return make_precompiled(s);
  if (type == "BertNormalizer") return bert_normalizer(s);
  if (type != "Sequence")
    s.unsupported("type",
                  "NFC, NFD, NFKC, NFKD, Nmt, Lowercase, StripAccents, Strip, Replace, Prepend, Precompiled, "
                  "BertNormalizer, ByteLevel and Sequence");
  std::vector<std::unique_ptr<Normalizer>> parts;
  for (const Settings& part : s.parts("normalizers"))
    if (auto made = make_normalizer(part)) parts.push_back(std::move(made));
  return std::make_unique<NormalizerSequence>(std::move(parts));
}

}  // namespace loam::hf
