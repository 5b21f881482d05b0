#include "tokenizer/pair_prompt.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tokenizer/chat_template.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRerankKey = "tokenizer.chat_template.rerank";
constexpr const char* kTemplateKey = "tokenizer.chat_template";
// What stands for the two texts while a template is rendered: nothing that it would trim or escape.
constexpr std::string_view kQueryMark = "0query5f1c0", kDocumentMark = "0document5f1c0";

// The pieces of a text around two marks; nullopt unless each stands there once, the query's first.
std::optional<PairPrompt> split_prompt(std::string_view text, std::string_view query, std::string_view document) {
  const size_t q = text.find(query), d = text.find(document);
  if (q == text.npos || d == text.npos || q != text.rfind(query) || d != text.rfind(document) || d < q)
    return std::nullopt;
  return PairPrompt{.before = std::string(text.substr(0, q)),
                    .between = std::string(text.substr(q + query.size(), d - q - query.size())),
                    .behind = std::string(text.substr(d + document.size()))};
}

// `typed`: contents are lists of pieces, each with its type, as templates of models that also see want them.
Json pair_message(const char* role, std::string_view text, bool typed) {
  Json content = text;
  if (typed) {
    Json piece = Json::object();
    piece["type"] = "text";
    piece["text"] = text;
    content = Json::array();
    content.push_back(std::move(piece));
  }
  return {{"role", role}, {"content", std::move(content)}};
}

Json pair_arguments(const Metadata& metadata, const Tokenizer& tokenizer, std::string_view instruction, bool typed) {
  Json messages = Json::array();
  if (!instruction.empty()) messages.push_back(pair_message("system", instruction, typed));
  messages.push_back(pair_message("query", kQueryMark, typed));
  messages.push_back(pair_message("document", kDocumentMark, typed));
  const auto text = [&](Token token) { return token < 0 ? std::string() : std::string(tokenizer.text_of(token)); };
  return {{"messages", std::move(messages)},
          {"bos_token", text(tokenizer.bos())},
          {"eos_token", text(tokenizer.eos())},
          {"add_generation_prompt", metadata.boolean("loam.rerank.add_generation_prompt").value_or(false)}};
}

std::optional<PairPrompt> render_prompt(const Metadata& metadata, const Tokenizer& tokenizer,
                                        std::string_view instruction, std::string_view source) {
  for (const std::string_view role : {"query", "document"})  // other templates show messages of any role
    if (source.find(role) == source.npos) return std::nullopt;
  const ChatTemplate chat_template{std::string(source)};
  for (const bool typed : {false, true}) {
    std::string text;
    try {
      text = chat_template.render(pair_arguments(metadata, tokenizer, instruction, typed));
    } catch (const Error&) {
      if (typed) throw;
      continue;
    }
    if (const auto prompt = split_prompt(text, kQueryMark, kDocumentMark)) return prompt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PairPrompt> PairPrompt::read(const Metadata& metadata, const Tokenizer& tokenizer,
                                           std::string_view instruction) {
  if (const auto text = metadata.string(kRerankKey)) {
    if (auto prompt = split_prompt(*text, "{query}", "{document}")) return prompt;
    throw Error(Error::Code::model_invalid, fmt::format("{} has not {{query}} and {{document}} once each", kRerankKey),
                fmt::format("{}@{}", kRerankKey, metadata.find(kRerankKey)->offset));
  }
  const auto source = metadata.string(kTemplateKey);
  return source ? render_prompt(metadata, tokenizer, instruction, *source) : std::nullopt;
}

}  // namespace loam
