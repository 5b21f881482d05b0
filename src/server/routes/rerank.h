// What the endpoint of reranking asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/api/field.h"

namespace loam {

struct RerankRequest {
  std::string model, query;
  std::vector<std::string> documents;
  int64_t top_n = 0;              // the best so many; 0: all
  bool return_documents = false;  // beside their scores
  bool raw_scores = false;        // the model's logits, not their sigmoid
  std::optional<bool> wait;
};

const Fields<RerankRequest>& rerank_parameters();

}  // namespace loam
