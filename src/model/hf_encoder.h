// Hugging Face's description of a text encoder, read as the metadata and tensor names that a GGUF file of the same
// model would have.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "file/metadata.h"

namespace loam {

// From config.json, tokenizer.json and what sentence-transformers adds: modules.json with its pooling, and
// sentence_bert_config.json. Beside GGUF's keys, `loam.sequence_length` is the most tokens of a text, where the folder
// asks for fewer than the model has positions. `texts` becomes the owner of the metadata's texts.
//
// Of bert. Error(model_invalid) naming every field of config.json that is missing or wrong; Error(unsupported) for
// other models, activations, positions, poolings and modules.
Metadata read_hf_encoder(const std::string& folder, std::deque<std::string>& texts);

// "blk.0.attn_q.weight" of "encoder.layer.0.attention.self.query.weight"; "" for tensors that an embedding does not
// need.
std::string gguf_name_of_encoder_tensor(std::string_view hugging);

}  // namespace loam
