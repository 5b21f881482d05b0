// Which of GGUF's named pre-tokenisers a tokenizer.json describes, for programs that know them by name only.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace loam {

// "default" where it is none of those that are known.
const char* pre_tokenizer_name(const nlohmann::json& tokenizer);

}  // namespace loam
