#include "tokenizer/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/utf8.h"

namespace loam {
namespace {

constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
constexpr std::string_view kTypes = "tokenizer.ggml.token_type";
constexpr std::string_view kScores = "tokenizer.ggml.scores";

// The longest token in use is below 1 KiB; far more is an attack or a damaged file.
constexpr size_t kMaxTokenBytes = 8192;

// Texts that end a generation in the model families that use them.
constexpr std::string_view kEndTexts[] = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "</s>",
    "<EOT>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|eom_id|>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
    "[e~[",
    "<|fim_pad|>",
    "<fim-pad>",
    "<fim_pad>",
    "<|fim_repo|>",
    "<|repo_name|>",
    "<fim-repo>",
    "<|file_sep|>",
};

// Texts that steer a model without ending it; control tokens even where the file types them otherwise.
constexpr std::string_view kControlTexts[] = {
    "<|fim_prefix|>",
    "<fim-prefix>",
    "<fim_prefix>",
    "<｜fim▁begin｜>",
    "<PRE>",
    "▁<PRE>",
    "<|code_prefix|>",
    "<|fim_suffix|>",
    "<fim-suffix>",
    "<fim_suffix>",
    "<｜fim▁hole｜>",
    "<SUF>",
    "▁<SUF>",
    "<|code_suffix|>",
    "<|fim_middle|>",
    "<fim-middle>",
    "<fim_middle>",
    "<｜fim▁end｜>",
    "<MID>",
    "▁<MID>",
    "<|code_middle|>",
    "<|im_start|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<start_of_turn>",
};

std::string describe(Token token, std::string_view text) {
  return fmt::format("token {} (\"{}\")", token, escape_control(text.substr(0, 64)));
}

// The byte that "<0xHH>" names, or -1.
int parse_byte(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
  int value = 0;
  for (const char c : text.substr(3, 2)) {
    const bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'F', lower = c >= 'a' && c <= 'f';
    if (!digit && !upper && !lower) return -1;
    value = value * 16 + (digit ? c - '0' : (upper ? c - 'A' : c - 'a') + 10);
  }
  return value;
}

void check_length(const Metadata& metadata, std::string_view key, size_t found, size_t n_vocab) {
  if (found == n_vocab) return;
  throw vocabulary_error(metadata, "length", key,
                         fmt::format("{} values for {} tokens; the lengths must be equal", found, n_vocab));
}

}  // namespace

Error vocabulary_error(const Metadata& metadata, std::string_view what, std::string_view key,
                       std::string_view message) {
  const MetaValue* value = metadata.find(key);
  return {Error::Code::model_invalid, fmt::format("{}: {}", key, message),
          fmt::format("{}@{}", what, value ? value->offset : 0)};
}

std::vector<float> read_scores(const Metadata& metadata, int n_vocab) {
  const MetaValue* value = metadata.find(kScores);
  if (!value) throw vocabulary_error(metadata, "key", kScores, "missing; this kind of tokenizer merges by them");
  std::vector<float> scores;
  const auto* array = std::get_if<MetaArray>(&value->value);
  if (array && array->type == MetaType::i32) {
    const auto& integers = *metadata.integers(kScores);
    scores.assign(integers.begin(), integers.end());
  } else {
    const auto& numbers = *metadata.numbers(kScores);
    scores.assign(numbers.begin(), numbers.end());
  }
  check_length(metadata, kScores, scores.size(), n_vocab);
  for (int token = 0; token < n_vocab; ++token) {
    if (std::isnan(scores[token]))
      throw vocabulary_error(metadata, "score", kScores, fmt::format("token {}: not a number", token));
  }
  return scores;
}

Vocabulary::Vocabulary(const Metadata& metadata, const Defaults& defaults) {
  read_texts(metadata);
  read_types(metadata);
  find_byte_tokens(metadata);
  read_special_ids(metadata, defaults);
  find_end_tokens(metadata);
}

unsigned char Vocabulary::byte_of(Token token) const { return static_cast<unsigned char>(parse_byte(text(token))); }

bool Vocabulary::append_unless_normal(Token token, bool special, std::string& out) const {
  if (!contains(token)) return true;
  switch (type(token)) {
    case TokenType::control:
    case TokenType::unknown:
      if (special) out += text(token);
      return true;
    case TokenType::user_defined: out += text(token); return true;
    case TokenType::byte: out += static_cast<char>(byte_of(token)); return true;
    case TokenType::undefined:
    case TokenType::unused: return true;
    case TokenType::normal: return false;
  }
  return true;
}

bool Vocabulary::is_end(Token token) const { return std::binary_search(end_tokens.begin(), end_tokens.end(), token); }

void Vocabulary::read_texts(const Metadata& metadata) {
  texts_ = metadata.strings(kTokens);
  if (!texts_ || texts_->empty())
    throw vocabulary_error(metadata, "key", kTokens, "missing or empty; a tokenizer needs its tokens");
  if (texts_->size() > INT32_MAX / 2) throw vocabulary_error(metadata, "length", kTokens, "too many tokens");
  index_ = TextIndex(texts_->size());
  for (Token token = 0; token < size(); ++token) {
    if (text(token).size() > kMaxTokenBytes) {
      throw vocabulary_error(metadata, "token", kTokens,
                             fmt::format("{} has {} bytes; at most {} are sensible", describe(token, text(token)),
                                         text(token).size(), kMaxTokenBytes));
    }
    if (contains(token + TextIndex::kAhead)) index_.prefetch(text(token + TextIndex::kAhead));
    if (!text(token).empty()) index_.insert(text(token), token, [&](Token t) { return text(t) == text(token); });
  }
}

void Vocabulary::read_types(const Metadata& metadata) {
  types_.assign(texts_->size(), TokenType::normal);
  if (const std::vector<int64_t>* types = metadata.integers(kTypes)) {
    check_length(metadata, kTypes, types->size(), texts_->size());
    for (Token token = 0; token < size(); ++token) {
      const int64_t type = (*types)[token];
      types_[token] = type >= 0 && type <= 6 ? static_cast<TokenType>(type) : TokenType::undefined;
    }
  }
  if (metadata.has(kScores)) read_scores(metadata, size());
}

void Vocabulary::find_byte_tokens(const Metadata& metadata) {
  byte_tokens_.fill(-1);
  for (Token token = 0; token < size(); ++token) {
    if (types_[token] != TokenType::byte) continue;
    const int byte = parse_byte(text(token));
    if (byte < 0) {
      throw vocabulary_error(metadata, "token", kTokens,
                             describe(token, text(token)) + " is typed as a byte; its text must be <0x00> to <0xFF>");
    }
    byte_tokens_[byte] = token;
  }
}

void Vocabulary::read_special_ids(const Metadata& metadata, const Defaults& defaults) {
  const auto id = [&](std::string_view name, Token fallback) {
    const std::string key = fmt::format("tokenizer.ggml.{}_token_id", name);
    const auto value = metadata.integer(key);
    if (value && (*value < 0 || *value >= size())) {
      throw vocabulary_error(metadata, "token id", key, fmt::format("{} in a vocabulary of {} tokens", *value, size()));
    }
    return value ? static_cast<Token>(*value) : fallback < size() ? fallback : -1;
  };
  bos = id("bos", defaults.bos);
  eos = id("eos", defaults.eos);
  unknown = id("unknown", defaults.unknown);
  separator = id("seperator", id("separator", defaults.separator));  // the format's own spelling first
  padding = id("padding", defaults.padding);
  add_bos = metadata.boolean("tokenizer.ggml.add_bos_token").value_or(defaults.add_bos && bos >= 0);
  add_eos = metadata.boolean("tokenizer.ggml.add_eos_token").value_or(defaults.add_eos && eos >= 0);
  if (add_bos && bos < 0)
    throw vocabulary_error(metadata, "token id", "tokenizer.ggml.add_bos_token", "true, but there is no BOS id");
  if (add_eos && eos < 0)
    throw vocabulary_error(metadata, "token id", "tokenizer.ggml.add_eos_token", "true, but there is no EOS id");
  for (const std::string_view name : {"eot", "eom"}) {
    if (const Token token = id(name, -1); token >= 0) end_tokens.push_back(token);
  }
  if (eos >= 0) end_tokens.push_back(eos);
}

void Vocabulary::find_end_tokens(const Metadata& metadata) {
  if (const auto* ids = metadata.integers("tokenizer.ggml.eog_token_ids")) {
    for (const int64_t id : *ids) {
      if (id < 0 || id >= size()) {
        throw vocabulary_error(metadata, "token id", "tokenizer.ggml.eog_token_ids",
                               fmt::format("id {} of {} tokens", id, size()));
      }
      end_tokens.push_back(static_cast<Token>(id));
    }
  }
  for (const std::string_view text : kEndTexts) {
    const Token token = find(text);
    if (token < 0) continue;
    types_[token] = TokenType::control;
    end_tokens.push_back(token);
  }
  for (const std::string_view text : kControlTexts) {
    if (const Token token = find(text); token >= 0) types_[token] = TokenType::control;
  }

  const auto without = [&](std::string_view text) { std::erase(end_tokens, find(text)); };
  const auto all = [&](std::initializer_list<std::string_view> texts) {
    return std::all_of(texts.begin(), texts.end(), [&](std::string_view text) { return find(text) >= 0; });
  };
  // Harmony and its kin end a message, not the turn, with <|end|>; Gemma 4's </s> is an HTML tag.
  if (all({"<|return|>", "<|call|>"}) || all({"<|calls|>", "<|flush|>"})) without("<|end|>");
  if (all({"<|tool_response>"})) without("</s>");

  std::sort(end_tokens.begin(), end_tokens.end());
  end_tokens.erase(std::unique(end_tokens.begin(), end_tokens.end()), end_tokens.end());
}

}  // namespace loam
