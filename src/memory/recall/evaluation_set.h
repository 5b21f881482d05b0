// Questions whose answers are known to stand in certain turns, and the turns: what recall is measured with.
#pragma once

#include <string>
#include <vector>

#include "memory/turn.h"

namespace loam {

struct EvaluationQuestion {
  std::string text;
  std::vector<std::string> evidence;  // keys of turns
};

struct EvaluationSet {
  std::string name;
  std::vector<NewTurn> turns;  // `key` is the name that evidence is given by; in the order of time
  std::vector<EvaluationQuestion> questions;
  bool documents = false;  // a collection to be ranked as a whole, not a conversation
};

// LoCoMo (Maharana et al., 2024): a JSON array of conversations with sessions, dates, and questions with the turns that
// answer them. Questions without such turns are left out. Error(invalid) where the file is of another form.
std::vector<EvaluationSet> read_locomo(const std::string& path);

// A test collection in three files beside each other: NAME.tar.gz with one document a file, NAME.topics.txt with
// questions as TREC writes them, NAME.qrels.txt with the judgements. Topics without a relevant document are left out.
// Error(invalid), Error(io).
EvaluationSet read_test_collection(const std::string& archive_path);

}  // namespace loam
