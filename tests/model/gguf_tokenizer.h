// The tokenizers of tests/data/tokenizers that text encoders have, as llama.cpp's converter writes them into GGUF
// files.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/gguf_builder.h"
#include "tests/support/support.h"

namespace loam::test {

// "bert" (WordPiece, "▁" before the first piece of a word) or "xlm_roberta" (Unigram).
inline void write_tokenizer(GgufBuilder& writer, const std::string& name) {
  constexpr int32_t kNormal = 1, kUnknown = 2, kControl = 3;  // token_type
  const auto json = nlohmann::json::parse(read_file(data_path("tokenizers/" + name + ".json")))["tokenizer"];
  const bool bert = name == "bert";
  std::vector<std::string> tokens;
  std::vector<float> scores;
  if (bert) tokens.resize(json["model"]["vocab"].size());
  for (const auto& entry : json["model"]["vocab"].items()) {
    if (bert)
      tokens[entry.value().get<size_t>()] = entry.key();
    else
      tokens.push_back(entry.value()[0]), scores.push_back(entry.value()[1]);
  }
  tokens.resize(std::max(tokens.size(), json["added_tokens"].back()["id"].get<size_t>() + 1));
  scores.resize(tokens.size());
  std::vector<int32_t> types(tokens.size(), kNormal);
  for (const auto& added : json["added_tokens"]) {
    const std::string text = added["content"];
    tokens[added["id"].get<size_t>()] = text;
    types[added["id"].get<size_t>()] = text == "<unk>" || text == "[UNK]" ? kUnknown : kControl;
  }
  for (size_t i = 0; bert && i < tokens.size(); ++i)
    if (types[i] == kNormal) tokens[i] = tokens[i].starts_with("##") ? tokens[i].substr(2) : "\u2581" + tokens[i];
  writer.key("tokenizer.ggml.model", bert ? "bert" : "t5").key("tokenizer.ggml.pre", "default");
  writer.array("tokenizer.ggml.tokens", tokens).array("tokenizer.ggml.token_type", types);
  if (!bert) writer.array("tokenizer.ggml.scores", scores);
  const std::vector<uint32_t> ids = bert ? std::vector<uint32_t>{2, 3, 1, 0} : std::vector<uint32_t>{0, 2, 3, 1};
  writer.key("tokenizer.ggml.bos_token_id", ids[0]).key("tokenizer.ggml.cls_token_id", ids[0]);
  writer.key("tokenizer.ggml.eos_token_id", ids[1]).key("tokenizer.ggml.seperator_token_id", ids[1]);
  writer.key("tokenizer.ggml.unknown_token_id", ids[2]).key("tokenizer.ggml.padding_token_id", ids[3]);
  writer.key("tokenizer.ggml.add_bos_token", true).key("tokenizer.ggml.add_eos_token", true);
  writer.key("tokenizer.ggml.add_sep_token", !bert);
  if (!bert) writer.key("tokenizer.ggml.add_space_prefix", true).key("tokenizer.ggml.remove_extra_whitespaces", true);
}

}  // namespace loam::test
