#include "tokenizer/hf/word_model.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/hf/characters.h"
#include "tokenizer/hf/words.h"

namespace loam::hf {
namespace {

// A word with its bytes spelled as characters, for models that know nothing of bytes.
class Spelled final : public WordModel {
 public:
  explicit Spelled(std::unique_ptr<WordModel> model) : model_(std::move(model)) {}
  void encode(std::string_view word, bool special, std::vector<Token>& out) const override {
    std::string spelled;
    for (const char c : word) append_utf8(spelled, spelling_of_byte(static_cast<unsigned char>(c)));
    model_->encode(spelled, special, out);
  }

 private:
  const std::unique_ptr<WordModel> model_;
};

Token unknown_of(const Settings& s, const Vocabulary& vocabulary, const char* otherwise) {
  const std::string text = s.text("unk_token", otherwise);
  const Token token = vocabulary.find(text);
  if (token < 0)
    s.fail(fmt::format("has the unknown token \"{}\", which is not in the vocabulary", escape_control(text)));
  return token;
}

// The longest token that a word begins with, then the longest that goes on; unknown as a whole where there is none.
class WordPiece final : public WordModel {
 public:
  WordPiece(const Settings& s, const Vocabulary& vocabulary)
      : words_(s, vocabulary),
        unknown_(unknown_of(s, vocabulary, "[UNK]")),
        prefix_(s.text("continuing_subword_prefix", "##")),
        most_characters_(static_cast<size_t>(s.count("max_input_chars_per_word", 100))) {
    for (Token token = 0; token < vocabulary.size(); ++token)
      longest_ = std::max(longest_, vocabulary.text(token).size());
  }

  void encode(std::string_view word, bool special, std::vector<Token>& out) const override {
    const size_t before = out.size();
    bool known = count_code_points(word) <= most_characters_;
    for (size_t i = 0; known && i < word.size();) {
      const size_t length = append_longest(word.substr(i), i > 0, special, out);
      known = length > 0;
      i += length;
    }
    if (known) return;
    out.resize(before);
    out.push_back(unknown_);
  }

 private:
  size_t append_longest(std::string_view rest, bool goes_on, bool special, std::vector<Token>& out) const {
    std::string text(goes_on ? prefix_ : "");
    const size_t prefix = text.size();
    size_t end = std::min(rest.size(), longest_);
    while (end < rest.size() && end > 0 && (rest[end] & 0xC0) == 0x80) --end;
    text += rest.substr(0, end);
    while (text.size() > prefix) {
      if (const Token token = words_.find(text, special); token >= 0) {
        out.push_back(token);
        return text.size() - prefix;
      }
      text.resize(previous_character(text, text.size()));
    }
    return 0;
  }

  const Words words_;
  const Token unknown_;
  const std::string prefix_;
  const size_t most_characters_;
  size_t longest_ = 1;
};

class WordLevel final : public WordModel {
 public:
  WordLevel(const Settings& s, const Vocabulary& vocabulary)
      : words_(s, vocabulary), unknown_(vocabulary.find(s.text("unk_token", "<unk>"))) {}
  void encode(std::string_view word, bool special, std::vector<Token>& out) const override {
    const Token token = words_.find(word, special);
    if (token >= 0 || unknown_ >= 0) out.push_back(token >= 0 ? token : unknown_);
  }

 private:
  const Words words_;
  const Token unknown_;
};

}  // namespace

std::unique_ptr<WordModel> make_word_model(const Settings& s, const Metadata& metadata, const Vocabulary& vocabulary,
                                           bool spells_bytes) {
  const std::string type = s.type();
  if (type == "BPE") return make_bpe(s, metadata, vocabulary, spells_bytes);
  std::unique_ptr<WordModel> model;
  if (type == "Unigram")
    model = make_unigram(s, metadata, vocabulary);
  else if (type == "WordPiece")
    model = std::make_unique<WordPiece>(s, vocabulary);
  else if (type == "WordLevel")
    model = std::make_unique<WordLevel>(s, vocabulary);
  else
    s.unsupported("type", "BPE, Unigram, WordPiece and WordLevel");
  if (spells_bytes) return std::make_unique<Spelled>(std::move(model));
  return model;
}

}  // namespace loam::hf
