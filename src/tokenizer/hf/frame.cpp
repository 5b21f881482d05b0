#include "tokenizer/hf/frame.h"

namespace loam::hf {
namespace {

Token find_token(const Settings& s, const Vocabulary& vocabulary, const std::string& text) {
  const Token token = vocabulary.find(text);
  if (token < 0) s.fail(fmt::format("names the token \"{}\", which the vocabulary lacks", escape_control(text)));
  return token;
}

// ["[SEP]", 102]: the id counts, for a text may stand in a vocabulary twice.
Token named(const Settings& s, const Vocabulary& vocabulary, const char* key) {
  const std::string text = s.first_text(key);
  const Token token = find_token(s, vocabulary, text);
  const int64_t id = s.second_count(key, token);
  if (!vocabulary.contains(static_cast<Token>(id)))
    s.fail(fmt::format("gives \"{}\" the id {} of {}", escape_control(text), id, vocabulary.size()));
  return static_cast<Token>(id);
}

// The ids that a template's special token stands for; where it gives none, that of its text.
std::vector<Token> special_token(const Settings& s, const Vocabulary& vocabulary, const std::string& name) {
  const std::vector<int64_t> ids = s.part("special_tokens").part(name.c_str()).counts("ids");
  if (ids.empty()) return {find_token(s, vocabulary, name)};
  std::vector<Token> tokens;
  for (const int64_t id : ids) {
    if (id >= vocabulary.size())
      s.fail(fmt::format("gives \"{}\" the id {} of {}", escape_control(name), id, vocabulary.size()));
    tokens.push_back(static_cast<Token>(id));
  }
  return tokens;
}

Frame read_template(const Settings& s, const Vocabulary& vocabulary) {
  Frame frame;
  bool before = true;
  for (const Settings& piece : s.parts("single")) {
    if (piece.has("Sequence")) {
      if (!before) s.fail("has the text twice in its single form");
      before = false;
    } else {
      std::vector<Token>& side = before ? frame.before : frame.behind;
      for (const Token token : special_token(s, vocabulary, piece.part("SpecialToken").text("id")))
        side.push_back(token);
    }
  }
  if (before) s.fail("has no text in its single form");
  return frame;
}

}  // namespace

Frame Frame::read(const Settings& s, const Vocabulary& vocabulary) {
  if (s.empty()) return {};
  const std::string type = s.type();
  if (type == "ByteLevel") return {};
  if (type == "TemplateProcessing") return read_template(s, vocabulary);
  if (type == "BertProcessing" || type == "RobertaProcessing")
    return {.before = {named(s, vocabulary, "cls")}, .behind = {named(s, vocabulary, "sep")}};
  if (type != "Sequence")
    s.unsupported("type", "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and Sequence");
  Frame frame;
  for (const Settings& processor : s.parts("processors")) {
    const Frame outer = read(processor, vocabulary);
    frame.before.insert(frame.before.begin(), outer.before.begin(), outer.before.end());
    frame.behind.insert(frame.behind.end(), outer.behind.begin(), outer.behind.end());
  }
  return frame;
}

}  // namespace loam::hf
