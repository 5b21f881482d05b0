// What a Hugging Face folder says of its texts: the tokenizer, which tokens begin and end them, and how conversations
// become prompts.
#pragma once

#include <deque>
#include <string>

#include "file/metadata.h"

namespace loam {

// From tokenizer.json, tokenizer_config.json, generation_config.json and chat_template.jinja; adds `tokenizer.*` and
// `general.name`, with `texts` as the owner of their texts. `n_vocab`: rows of the embedding. A folder without
// tokenizer.json gets no tokenizer. Errors as read_tokenizer_json and read_json_file.
void read_tokenizer_files(const std::string& folder, int64_t n_vocab, Metadata& metadata,
                          std::deque<std::string>& texts);

}  // namespace loam
