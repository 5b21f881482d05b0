// Token ids written by people and scripts: "1,2,3", or any of commas, spaces and line ends between them.
#pragma once

#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace loam {

// Error(invalid) naming the text that is no id; `where` is the option.
std::vector<Token> parse_token_list(std::string_view text, const char* where);
// Error(invalid) naming the first id outside 0…n_vocab − 1.
void check_token_range(const std::vector<Token>& tokens, int64_t n_vocab, const char* where);

}  // namespace loam
