// Hugging Face's tokenizer.json, read as the `tokenizer.ggml.*` metadata that a GGUF file of the same model would have.
// Format: https://github.com/huggingface/tokenizers
#pragma once

#include <deque>
#include <string>

#include "file/metadata.h"

namespace loam {

// Adds the tokenizer of `path` to `metadata`. `texts` becomes the owner of the texts that the metadata views.
//
// Of WordPiece with BERT's normaliser and pre-tokeniser, and a post-processor of one token before and one behind the
// text. Truncation and padding are left out: they are settings of a run, not of the vocabulary. Error(unsupported)
// naming the part that loam has no code for; Error(model_invalid, "tokenizer.json@0") for ids that leave holes, and for
// special tokens that the vocabulary lacks.
void read_tokenizer_json(const std::string& path, Metadata& metadata, std::deque<std::string>& texts);

}  // namespace loam
