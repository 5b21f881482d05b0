// Hugging Face's description of a text encoder, read as the metadata and tensor names that a GGUF file of the same
// model would have.
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "file/safetensors.h"
#include "model/hf/tensor_source.h"

namespace loam {

// From config.json, tokenizer.json and what sentence-transformers adds: modules.json with its pooling, and
// sentence_bert_config.json. Beside GGUF's keys, `loam.sequence_length` is the most tokens of a text, where the folder
// asks for fewer than the model has positions. `texts` becomes the owner of the metadata's texts.
//
// Of bert, roberta, xlm-roberta, modernbert and nomic_bert, and Jina's bert with ALiBi and embeddings 3, of which the
// adapters are left out, and the encoders of t5, mt5 and umt5; those that classify texts into one label are
// cross-encoders. Error(model_invalid) naming every field of config.json that is missing or wrong; Error(unsupported)
// for other models, activations, positions, poolings and modules.
Metadata read_hf_encoder(const std::string& folder, std::deque<std::string>& texts);

// Whether a config.json is that of a text encoder.
bool is_hf_encoder(const nlohmann::json& config);

// Those that an embedding or a score needs, of all files of a folder, which must outlive the sources.
std::vector<NamedSource> encoder_tensors(const nlohmann::json& config, const std::deque<SafetensorsFile>& files);

}  // namespace loam
