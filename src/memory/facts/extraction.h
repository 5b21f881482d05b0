// Facts by a model, besides the rules: what to ask it when it is idle, and what of its answer is believed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/facts/fact.h"

namespace loam {

// A question about a few turns: a text for a model, and the JSON schema that its answer must follow.
struct ExtractionRequest {
  std::string prompt, schema;
};

// Asks about those of the turns that may make facts (FactStore::may_make_facts); an empty prompt where none may.
// At most kMostTurns turns of kMostTurnBytes bytes each; the rest is for another request.
inline constexpr size_t kMostExtractionTurns = 16, kMostExtractionTurnBytes = 2000;
ExtractionRequest make_extraction_request(std::span<const Turn> turns);

struct ExtractedFact {
  TurnId turn;
  FactStatement statement;
};

// What an answer says that stands in the turns: each fact names one of them, its value occurs in that turn word for
// word (but for case and spaces), its attribute is one of those asked for, and the turn may make facts. All else is
// dropped: a model's answer is nobody's word. An answer that is no such JSON gives none; never throws.
std::vector<ExtractedFact> read_extraction(std::string_view answer, std::span<const Turn> turns);

}  // namespace loam
