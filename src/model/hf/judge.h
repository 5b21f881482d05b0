// Hugging Face's models of text that judge how well a document answers a query: by a head for one label, or by how
// likely their answer is "yes".
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "model/hf/tensor_source.h"

namespace loam {

// Whether the folder's model is one: a …ForSequenceClassification, whose head is among the tensors; one that
// sentence-transformers' LogitScore ends; or by its folder's name a Qwen3-Reranker, which may lack it. If so, it gets
// what a GGUF file of a reranker has: `pooling_type` 4, cls.output.weight, which for the latter two are rows of the
// output head, their labels, and the prompt (`tokenizer.chat_template.rerank`) that Qwen3-Reranker's authors give.
//
// `metadata` is complete but for this; `texts` owns its texts. Error(model_invalid) for tokens that the vocabulary
// lacks, Error(unsupported) for other modules and for logits that are capped.
bool add_judge(const std::string& folder, const nlohmann::json& config, Metadata& metadata,
               std::deque<std::string>& texts, std::vector<NamedSource>& tensors);

}  // namespace loam
