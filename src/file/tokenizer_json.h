// Hugging Face's tokenizer.json, read as the `tokenizer.ggml.*` metadata that a GGUF file of the same model would have.
// Format: https://github.com/huggingface/tokenizers
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "file/metadata.h"

namespace loam {

// Holds tokenizer.json without vocabulary and merges, which stand under GGUF's keys: with it, a text's ids are exactly
// those of the tokenizer.json. GGUF's own keys tell other programs as much of it as they can. What they leave open is
// added to its "model": "merge_ends" (see read_merges) and "added_only", the ids of added tokens that the model's own
// vocabulary has not got.
inline constexpr const char* kTokenizerPipeline = "loam.tokenizer_json";
// Unigram's scores as f64, one for each token, where GGUF's f32 would round them: that could change which of two ways
// to cut a word is the better one.
inline constexpr const char* kExactTokenScores = "loam.tokenizer_scores";

// Adds the tokenizer of `path` to `metadata`. `texts` becomes the owner of the texts that the metadata views.
// `n_vocab`: rows of the model's embedding, 0 where that is not known; ids without a token get one that text never
// becomes.
//
// Of BPE, Unigram, WordPiece and WordLevel. Truncation and padding are left out: they are settings of a run, not of the
// vocabulary. Error(unsupported) naming the part that loam has no code for; Error(model_invalid, "tokenizer.json@0")
// for ids that are taken twice or lie beyond `n_vocab`, and for special tokens that the vocabulary lacks.
void read_tokenizer_json(const std::string& path, int64_t n_vocab, Metadata& metadata, std::deque<std::string>& texts);

}  // namespace loam
