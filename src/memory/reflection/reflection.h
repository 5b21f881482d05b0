// Reflection: what a language model works out of conversations that rest, while nobody asks: summaries, and facts that
// no rule finds.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "memory/facts/fact_store.h"
#include "memory/reflection/summary_store.h"
#include "memory/store/turn_store.h"

namespace loam {

// Asks a model, at the lowest priority. `schema`: a JSON schema that the answer must fit; "": free text.
// → none where no model is loaded, or somebody else has come to ask.
using Think = std::function<std::optional<std::string>(const std::string& instruction, const std::string& text,
                                                       const std::string& schema)>;

class Reflection {
 public:
  // All must outlive it.
  Reflection(TurnStore& turns, FactStore& facts, SummaryStore& summaries)
      : turns_(turns), facts_(facts), summaries_(summaries) {}

  // Thinks about the conversation that has rested longest, of those that nothing was said in since `rest`. → false
  // where none waits, or nobody thinks.
  bool step(const Think& think, UnixTime rest);

 private:
  std::vector<Turn> unread(const TurnStore::Session& session, TurnId behind);
  void extract_facts(const Think& think, const std::vector<Turn>& turns);

  TurnStore& turns_;
  FactStore& facts_;
  SummaryStore& summaries_;
  int64_t seen_changes_ = -1;  // TurnStore::n_changes when no conversation waited,
  UnixTime next_due_ = 0;      // and the earliest rest for which one will without a further change
};

}  // namespace loam
