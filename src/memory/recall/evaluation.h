// How well recall finds what it should: over conversations and test collections whose answers are known.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "memory/recall/evaluation_set.h"
#include "memory/text_embedder.h"

namespace loam {

// One figure for each way to recall; `hybrid` where there was an embedding model.
struct Measured {
  std::optional<double> lexical, hybrid;
};

struct EvaluationReport {
  Measured turn_recall_at_10;       // mean share of a question's evidence among the first ten turns, 0…1
  Measured session_recall_at_10;    // the same for the sessions that the evidence stands in
  Measured mean_average_precision;  // over a test collection's topics
  size_t n_questions = 0;
};

// The sets that a file holds, or the files of a folder: *.json as LoCoMo's, *.tar.gz as a test collection.
// Error(invalid) where there is none, Error(not_found).
std::vector<EvaluationSet> read_evaluation_sets(const std::string& path);

// Every set in a memory of its own, in files that are gone afterwards. `progress` is told questions asked and in all.
EvaluationReport evaluate_recall(const std::vector<EvaluationSet>& sets, TextEmbedder* embedder,
                                 const std::function<void(size_t, size_t)>& progress = {});

}  // namespace loam
