// What sentence-transformers adds to a Hugging Face folder: how the tokens of a text are pooled, how many are read, and
// what is written before texts.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "file/metadata.h"

namespace loam {

// `pooling_type` as GGUF numbers it, from modules.json and the pooling's own config.json; 0 where the folder has none.
// Error(unsupported) for other poolings than the mean, the first or the last token, and for modules behind the pooling
// that are no Dense, or bring vectors to length 1 before one. Error(model_invalid) for a path that leads out of the
// folder.
int64_t read_pooling_type(const std::string& folder);
// The folders of the Dense modules, in order.
std::vector<std::string> dense_folders(const std::string& folder);

// Of a reranker that is a model of text: the tokens whose logits make the score, the first's or its difference to the
// second's (-1 where it does not count). nullopt where modules.json names no LogitScore. Error(model_invalid) for what
// are no ids, Error(unsupported) for modules besides it.
struct LogitScore {
  int64_t yes = -1, no = -1;
};
std::optional<LogitScore> read_logit_score(const std::string& folder);

// `loam.rerank.add_generation_prompt`, of sentence_bert_config.json: whether the template that pairs are written by
// opens an answer, too.
void read_pair_settings(const std::string& folder, Metadata& metadata);

// `loam.sequence_length`, the most tokens of a text: of sentence_bert_config.json, else of tokenizer_config.json; left
// out where neither says. Error(model_invalid) for less than 3.
void read_sequence_length(const std::string& folder, Metadata& metadata);

// What stands before texts of a kind, of config_sentence_transformers.json: `loam.prompts.names` and `.texts`, and the
// name of the one that texts get unless told otherwise, `loam.prompts.default`. `texts` owns them. Error(model_invalid)
// where they are no texts, or the default is none of them.
void read_prompts(const std::string& folder, Metadata& metadata, std::deque<std::string>& texts);

}  // namespace loam
