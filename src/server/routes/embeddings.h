// What the endpoints of embeddings ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/api/field.h"

namespace loam {

struct EmbeddingRequest {
  std::string model;
  Json input;               // a text, ids, or a list of them
  bool base64 = false;      // vectors as little-endian float32 in base64
  int64_t dimensions = 0;   // the first so many, brought to length 1 again; 0: all
  std::string prompt_name;  // the model's own prompt that stands before each text
  std::string input_type;   // the same by what the texts are, where the model has such prompts
  bool truncate = true;     // cut what is longer than the model reads; else refuse it
  std::optional<bool> wait;
};

const Fields<EmbeddingRequest>& openai_embedding_parameters();
const Fields<EmbeddingRequest>& ollama_embedding_parameters();

}  // namespace loam
