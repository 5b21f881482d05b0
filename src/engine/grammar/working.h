// What a grammar works out while texts are matched.
#pragma once

#include "engine/grammar/grammar.h"
#include "engine/grammar/masks.h"
#include "engine/grammar/states.h"

namespace loam {

struct Grammar::Working {
  Working(const GrammarAutomaton& automaton, const GrammarVocabulary& vocabulary)
      : states(automaton), masks(automaton, vocabulary) {}

  GrammarStates states;
  GrammarMasks masks;
};

}  // namespace loam
