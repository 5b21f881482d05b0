// The config.json of text encoders, read as GGUF's hyperparameters.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "file/metadata.h"

namespace loam {

// The architecture that GGUF files of such a model name: of bert ("bert", or "jina-bert-v2" where its positions are
// ALiBi's), roberta, xlm-roberta ("jina-bert-v3" where its positions rotate), modernbert, nomic_bert ("nomic-bert-moe"
// with experts), jina_embeddings_v3, and the encoders of t5, mt5 and umt5 ("t5encoder"); "" for what is no text
// encoder.
std::string_view encoder_architecture(const nlohmann::json& config);

// Whether the model classifies texts into one label, whose logit is a score.
bool is_cross_encoder(const nlohmann::json& config);

// RoBERTa's positions count from behind that of the padding token, GGUF's from 0: rows before the first.
int64_t unused_positions(const nlohmann::json& config);

// Errors as read_hf_encoder. `path` is the config.json's.
void read_encoder_config(const nlohmann::json& config, const std::string& path, Metadata& metadata);

}  // namespace loam
