#include "tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "tokenizer/bpe.h"
#include "tokenizer/hf/pipeline_tokenizer.h"
#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/spm.h"
#include "tokenizer/unigram.h"
#include "tokenizer/wordpiece.h"

namespace loam {
namespace {

constexpr std::string_view kModel = "tokenizer.ggml.model";
constexpr std::string_view kPre = "tokenizer.ggml.pre";

const PreTokenizerInfo& choose_pre_tokenizer(const Metadata& metadata, std::string_view model,
                                             std::string_view force_pre) {
  const std::string_view stored = model == "gemma4" ? model : metadata.string(kPre).value_or("default");
  const std::string_view name = force_pre.empty() ? stored : force_pre;
  if (const PreTokenizerInfo* info = find_pre_tokenizer(name)) return *info;
  throw Error(
      Error::Code::unsupported,
      fmt::format("pre-tokenizer \"{}\" is unknown; --force-pre NAME chooses one that loam has, such as llama-bpe, "
                  "qwen2 or gpt-2, but another one than the model's gives it wrong tokens",
                  escape_control(name)),
      std::string(kPre));
}

}  // namespace

std::unique_ptr<Tokenizer> Tokenizer::load(const Metadata& metadata, std::string_view force_pre) {
  if (force_pre.empty() && metadata.has(hf::PipelineTokenizer::kKey))
    return std::make_unique<hf::PipelineTokenizer>(metadata);
  const std::string_view model = metadata.require_string(kModel);
  if (model == "gpt2" || model == "gemma4") {
    return std::make_unique<BpeTokenizer>(metadata, choose_pre_tokenizer(metadata, model, force_pre));
  }
  if (model == "llama") return std::make_unique<SpmTokenizer>(metadata);
  if (model == "t5") return std::make_unique<UnigramTokenizer>(metadata);
  if (model == "bert") return std::make_unique<WordPieceTokenizer>(metadata);
  throw Error(Error::Code::unsupported,
              fmt::format("tokenizer \"{}\" is unknown; loam has gpt2 (byte-pair), llama (SentencePiece), t5 (unigram) "
                          "and bert (WordPiece)",
                          escape_control(model)),
              std::string(kModel));
}

std::string StreamDecoder::piece(Token token) const {
  return tokenizer_.piece(token, std::ranges::find(visible_, token) != visible_.end());
}

std::string StreamDecoder::push(Token token) {
  pending_ += piece(token);
  const size_t complete = complete_utf8_prefix(pending_);
  std::string text = sanitize_utf8(std::string_view(pending_).substr(0, complete));
  pending_.erase(0, complete);
  return text;
}

std::string StreamDecoder::finish() {
  std::string text = sanitize_utf8(pending_);
  pending_.clear();
  return text;
}

}  // namespace loam
