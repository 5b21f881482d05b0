#include "tokenizer/hf/pipeline_tokenizer.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace loam::hf {
namespace {

Settings read_settings(const Metadata& metadata) {
  const std::string_view text = metadata.require_string(PipelineTokenizer::kKey);
  return Settings(nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false), "tokenizer");
}

std::string kind_of(const std::string& type) {
  return type == "BPE" ? "bpe" : type == "Unigram" ? "unigram" : type == "WordPiece" ? "wordpiece" : "wordlevel";
}

}  // namespace

PipelineTokenizer::PipelineTokenizer(const Metadata& metadata) : PipelineTokenizer(metadata, read_settings(metadata)) {}

PipelineTokenizer::PipelineTokenizer(const Metadata& metadata, const Settings& s)
    : vocabulary_(metadata, {}),
      normalizer_(make_normalizer(s.part("normalizer"))),
      added_(s, vocabulary_, normalizer_.get()),
      words_(make_pre_tokenizer(s.part("pre_tokenizer"))),
      model_(make_word_model(s.part("model"), metadata, vocabulary_, words_.spells_bytes)),
      frame_(Frame::read(s.part("post_processor"), vocabulary_)),
      token_text_(s.part("decoder")),
      kind_(kind_of(s.part("model").type())),
      pre_(metadata.string("tokenizer.ggml.pre").value_or("default")) {}

std::vector<Token> PipelineTokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  if (text.size() > INT32_MAX)
    throw Error(Error::Code::invalid,
                fmt::format("text of {} bytes; at most {} can be tokenised at once", text.size(), INT32_MAX), "text");
  std::string valid;
  if (!is_valid_utf8(text)) text = valid = sanitize_utf8(text);
  std::vector<Token> out;
  if (options.add_special) out = frame_.before;
  bool first = true;
  for (const Part& part : added_.split_written(text, options.special)) {
    if (part.token >= 0)
      out.push_back(part.token);
    else
      encode_part(part.text, first, options.special, out);
    first = false;
  }
  if (options.add_special) out.insert(out.end(), frame_.behind.begin(), frame_.behind.end());
  return out;
}

void PipelineTokenizer::encode_part(std::string_view text, bool first, bool special, std::vector<Token>& out) const {
  std::string normal;
  if (normalizer_) {
    normal = text;
    first = normalizer_->apply(normal) && first;
    text = normal;
  }
  const PieceSink encode_word = [&](const Piece& word) {
    if (!word.text.empty()) model_->encode(word.text, special, out);
  };
  for (const Part& part : added_.split_normalized(text, special)) {
    const Piece piece{part.text, first};
    if (part.token >= 0)
      out.push_back(part.token);
    else if (words_.step)
      words_.step->cut(piece, encode_word);
    else
      encode_word(piece);
    first = false;
  }
}

void PipelineTokenizer::append_piece(Token token, bool special, std::string& out) const {
  if (!vocabulary_.append_unless_normal(token, special, out)) token_text_.append(vocabulary_.text(token), out);
}

std::string PipelineTokenizer::piece(Token token, bool special) const {
  std::string out;
  append_piece(token, special, out);
  return out;
}

std::string PipelineTokenizer::decode(const std::vector<Token>& tokens, bool special) const {
  std::string out;
  for (const Token token : tokens) append_piece(token, special, out);
  token_text_.finish(out);
  return out;
}

bool PipelineTokenizer::is_control(Token token) const {
  return vocabulary_.contains(token) && vocabulary_.type(token) == TokenType::control;
}

std::string_view PipelineTokenizer::text_of(Token token) const {
  return vocabulary_.contains(token) ? vocabulary_.text(token) : std::string_view();
}

}  // namespace loam::hf
