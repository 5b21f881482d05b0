#include "tokenizer/hf/frame.h"

namespace loam::hf {
namespace {

Token find_token(const Settings& s, const Vocabulary& vocabulary, const std::string& text) {
  const Token token = vocabulary.find(text);
  if (token < 0) s.fail(fmt::format("names the token \"{}\", which the vocabulary lacks", escape_control(text)));
  return token;
}

// ["[SEP]", 102]
Token named(const Settings& s, const Vocabulary& vocabulary, const char* key) {
  return find_token(s, vocabulary, s.first_text(key));
}

Frame read_template(const Settings& s, const Vocabulary& vocabulary) {
  Frame frame;
  bool before = true;
  for (const Settings& piece : s.parts("single")) {
    if (piece.has("Sequence")) {
      if (!before) s.fail("has the text twice in its single form");
      before = false;
    } else {
      (before ? frame.before : frame.behind)
          .push_back(find_token(s, vocabulary, piece.part("SpecialToken").text("id")));
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
