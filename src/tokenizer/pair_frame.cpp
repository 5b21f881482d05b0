#include "tokenizer/pair_frame.h"

#include <nlohmann/json.hpp>
#include <string>

#include "tokenizer/hf/pipeline_tokenizer.h"
#include "tokenizer/hf/settings.h"

namespace loam {
namespace {

using hf::Settings;

Token token_of(const Settings& s, const Tokenizer& tokenizer, const std::string& text) {
  const Token token = tokenizer.find(text);
  if (token < 0) s.fail(fmt::format("names the token \"{}\", which the vocabulary lacks", escape_control(text)));
  return token;
}

PairFrame read_template(const Settings& s, const Tokenizer& tokenizer) {
  PairFrame frame;
  std::vector<Token>* const places[] = {&frame.before, &frame.between, &frame.behind};
  size_t n_texts = 0;
  for (const Settings& piece : s.parts("pair")) {
    if (piece.has("SpecialToken")) {
      places[n_texts]->push_back(token_of(s, tokenizer, piece.part("SpecialToken").text("id")));
      continue;
    }
    const Settings text = piece.part("Sequence");
    if (n_texts == 2 || text.text("id") != (n_texts == 0 ? "A" : "B"))
      s.fail("has not each text once in its pair form");
    if (++n_texts == 2) frame.second_type = static_cast<int32_t>(text.count("type_id", 0));
  }
  if (n_texts != 2) s.fail("has not each text once in its pair form");
  return frame;
}

PairFrame read_processor(const Settings& s, const Tokenizer& tokenizer) {
  const std::string type = s.type();
  if (type == "TemplateProcessing") return read_template(s, tokenizer);
  const auto named = [&](const char* key) { return token_of(s, tokenizer, s.first_text(key)); };
  if (type == "BertProcessing")
    return {.before = {named("cls")}, .between = {named("sep")}, .behind = {named("sep")}, .second_type = 1};
  if (type == "RobertaProcessing") {
    const Token end = named("sep");
    return {.before = {named("cls")}, .between = {end, end}, .behind = {end}};
  }
  if (type == "ByteLevel") return {};
  if (type == "Sequence") {
    for (const Settings& part : s.parts("processors"))
      if (part.type() != "ByteLevel") return read_processor(part, tokenizer);
    return {};
  }
  s.unsupported("type", "pairs of TemplateProcessing, BertProcessing and RobertaProcessing");
}

// The tokens around a single text are known; RoBERTa's family, unlike BERT, separates two texts by two.
PairFrame frame_of_flags(const Metadata& metadata, const Tokenizer& tokenizer) {
  const std::vector<Token> empty = tokenizer.encode("", {.special = false, .add_special = true});
  PairFrame frame;
  if (tokenizer.adds_bos() && !empty.empty()) frame.before = {empty.front()};
  if (!tokenizer.adds_eos() || empty.size() == frame.before.size()) return frame;
  const Token end = empty.back();
  const bool bert = tokenizer.kind() == "wordpiece" || tokenizer.text_of(end) == "[SEP]";
  const bool unsaid = tokenizer.kind() == "unigram" || tokenizer.pre() == "roberta-bpe";
  const bool twice = !bert && metadata.boolean("tokenizer.ggml.add_sep_token").value_or(unsaid);
  frame.between.assign(twice ? 2 : 1, end);
  frame.behind = {end};
  frame.second_type = bert ? 1 : 0;
  return frame;
}

}  // namespace

PairFrame PairFrame::read(const Metadata& metadata, const Tokenizer& tokenizer) {
  const auto pipeline = metadata.string(hf::PipelineTokenizer::kKey);
  if (!pipeline) return frame_of_flags(metadata, tokenizer);
  const Settings settings(nlohmann::json::parse(*pipeline, nullptr, /*allow_exceptions=*/false), "tokenizer");
  return settings.has("post_processor") ? read_processor(settings.part("post_processor"), tokenizer) : PairFrame();
}

}  // namespace loam
