#include "engine/pair_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace loam {
namespace {

void append(std::vector<Token>& ids, std::span<const Token> more) { ids.insert(ids.end(), more.begin(), more.end()); }

}  // namespace

PairWriter::PairWriter(const Metadata& metadata, const Tokenizer& tokenizer, const TextPrompts& prompts,
                       int64_t max_tokens)
    : tokenizer_(tokenizer),
      max_tokens_(max_tokens),
      prompt_(PairPrompt::read(metadata, tokenizer, prompts.get("", "prompts"))) {
  if (!prompt_) frame_ = PairFrame::read(metadata, tokenizer);
  behind_ = prompt_ ? encode(prompt_->behind) : frame_.behind;
}

// Tokens that a document may have.
int64_t PairWriter::room_behind(int64_t n_before, int64_t n_behind) const {
  const int64_t room = max_tokens_ - n_before - n_behind;
  if (room < 1)
    throw Error(Error::Code::invalid,
                fmt::format("the query takes {} tokens, which leaves no room for a document: the model reads {} in all",
                            n_before, max_tokens_),
                "query");
  return room;
}

EncoderInput PairWriter::framed(const EncoderInput& start, std::string_view document) const {
  const int64_t room = room_behind(start.n_first, std::ssize(behind_));
  std::vector<Token> ids = encode(document);
  EncoderInput input = start;
  input.truncated = std::ssize(ids) > room;
  if (input.truncated) ids.resize(static_cast<size_t>(room));
  append(input.ids, ids);
  append(input.ids, behind_);
  return input;
}

// Tokens may reach from the prompt into its texts, so all is encoded as one. Of what is too long, all but the prompt's
// end is cut, and the end comes behind.
EncoderInput PairWriter::prompted(std::string_view start, std::string_view document) const {
  EncoderInput input{.ids = encode(fmt::format("{}{}{}", start, document, prompt_->behind))};
  input.truncated = std::ssize(input.ids) > max_tokens_;
  if (!input.truncated) return input;
  input.ids = encode(fmt::format("{}{}", start, document));
  input.ids.resize(std::min(input.ids.size(), static_cast<size_t>(max_tokens_ - std::ssize(behind_))));
  append(input.ids, behind_);
  return input;
}

std::vector<EncoderInput> PairWriter::write(std::string_view query, std::span<const std::string> documents) const {
  std::vector<EncoderInput> inputs;
  if (prompt_) {
    const std::string start = fmt::format("{}{}{}", prompt_->before, query, prompt_->between);
    room_behind(std::ssize(encode(start)), std::ssize(behind_));
    for (const std::string& document : documents) inputs.push_back(prompted(start, document));
    return inputs;
  }
  EncoderInput start{.ids = frame_.before, .second_type = frame_.second_type};
  append(start.ids, encode(query));
  append(start.ids, frame_.between);
  start.n_first = std::ssize(start.ids);
  room_behind(start.n_first, std::ssize(behind_));
  for (const std::string& document : documents) inputs.push_back(framed(start, document));
  return inputs;
}

}  // namespace loam
