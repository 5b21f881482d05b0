#include "model/hf/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/utf8.h"
#include "model/hf/sentence_transformers.h"
#include "model/pooling.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Zhang et al., arXiv 2506.05176: what the model was trained to answer.
constexpr std::string_view kQwenJudgePrompt =
    "<|im_start|>system\n"
    "Judge whether the Document meets the requirements based on the Query and the Instruct provided. "
    "Note that the answer can only be \"yes\" or \"no\".<|im_end|>\n"
    "<|im_start|>user\n"
    "<Instruct>: Given a web search query, retrieve relevant passages that answer the query\n"
    "<Query>: {query}\n"
    "<Document>: {document}<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n";

bool is_of_class(const Json& config, std::string_view ending) {
  const Json names = config.value("architectures", Json());
  return names.is_array() && !names.empty() && names[0].is_string() &&
         names[0].get_ref<const std::string&>().ends_with(ending);
}

// The model's name: the folder's, or in a hub's cache that of the folder above "snapshots".
std::string name_of(const std::string& folder) {
  fs::path path = fs::absolute(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.parent_path().filename() == "snapshots") path = path.parent_path().parent_path();
  std::string name = path.filename();
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

// The rows of the output head whose logits make the score: yes, and no where it counts.
using JudgeTokens = std::vector<int64_t>;

JudgeTokens tokens_of_words(const Metadata& metadata) {
  JudgeTokens ids;
  const auto* tokens = metadata.strings("tokenizer.ggml.tokens");
  for (const std::string_view word : {"yes", "no"}) {
    const bool known = tokens != nullptr && std::ranges::find(*tokens, word) != tokens->end();
    if (!known)
      throw Error(Error::Code::model_invalid,
                  fmt::format("a reranker that answers yes or no, but its vocabulary lacks \"{}\"", word),
                  "tokenizer@0");
    ids.push_back(std::ranges::find(*tokens, word) - tokens->begin());
  }
  return ids;
}

std::optional<JudgeTokens> find_tokens(const std::string& folder, const Json& config, Metadata& metadata) {
  if (const auto score = read_logit_score(folder))
    return score->no < 0 ? JudgeTokens{score->yes} : JudgeTokens{score->yes, score->no};
  if (!is_of_class(config, "Qwen3ForCausalLM") || name_of(folder).find("reranker") == std::string::npos)
    return std::nullopt;
  return tokens_of_words(metadata);
}

// cls.output of the head's rows; `arch` is GGUF's name.
void add_head(const JudgeTokens& ids, const std::string& arch, Metadata& metadata, std::vector<NamedSource>& tensors) {
  if (metadata.number(arch + ".final_logit_softcapping").value_or(0) != 0)
    throw Error(Error::Code::unsupported,
                "the logits are capped (final_logit_softcapping); loam compares those of a plain head", "config.json");
  auto head = std::ranges::find(tensors, "output.weight", &NamedSource::name);
  if (head == tensors.end()) head = std::ranges::find(tensors, "token_embd.weight", &NamedSource::name);
  if (head == tensors.end()) return;  // the missing embedding is told where it is bound
  const SourcePtr rows = head->source;
  for (const int64_t id : ids)
    if (id < 0 || id >= rows->shape().rows())
      throw Error(Error::Code::model_invalid,
                  fmt::format("the score is that of token {}; the vocabulary has {}", id, rows->shape().rows()),
                  "config.json");
  tensors.push_back({"cls.output.weight", reordered(rows, {std::ssize(ids), rows->shape().cols()},
                                                    [ids](int64_t row) { return ids[static_cast<size_t>(row)]; })});
  if (ids.size() == 2)
    metadata.insert(
        arch + ".classifier.output_labels",
        {.type = MetaType::array, .value = MetaArray{MetaType::string, std::vector<std::string_view>{"yes", "no"}}});
}

// Whether the model has a template of its own for pairs.
bool writes_pairs(const Metadata& metadata) {
  const auto text = metadata.string("tokenizer.chat_template");
  return text && text->find("query") != text->npos && text->find("document") != text->npos;
}

}  // namespace

bool add_judge(const std::string& folder, const Json& config, Metadata& metadata, std::deque<std::string>& texts,
               std::vector<NamedSource>& tensors) {
  const auto arch = std::string(metadata.require_string("general.architecture"));
  const bool classifies = is_of_class(config, "ForSequenceClassification");
  if (!classifies) {
    const auto tokens = find_tokens(folder, config, metadata);
    if (!tokens) return false;
    add_head(*tokens, arch, metadata, tensors);
    if (tokens->size() == 2 && arch == "qwen3" && !writes_pairs(metadata))
      metadata.insert("tokenizer.chat_template.rerank", {.type = MetaType::string, .value = kQwenJudgePrompt});
  }
  if (classifies && config.value("pooling", Json()) == "avg")
    metadata.insert(arch + ".classifier.pooling_type", {.type = MetaType::i64, .value = kMeanPooling});
  metadata.insert(arch + ".pooling_type", {.type = MetaType::i64, .value = kRankPooling});
  read_pair_settings(folder, metadata);
  read_sequence_length(folder, metadata);
  read_prompts(folder, metadata, texts);
  return true;
}

}  // namespace loam
