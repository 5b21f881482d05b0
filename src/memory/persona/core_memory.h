// CoreMemory: what every prompt of a user begins with: the persona, and up to twenty facts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memory/facts/fact_store.h"
#include "memory/persona/persona.h"
#include "memory/store/database.h"

namespace loam {

struct CoreText {
  std::string text;     // for the system prompt; the same for the same persona and facts
  std::string hash;     // SHA-256 of the text, hex: for the trace
  size_t n_tokens = 0;  // estimated
  std::vector<Fact> facts;
};

class CoreMemory {
 public:
  static constexpr size_t kMostTokens = 1500, kMostFacts = 20;

  CoreMemory(Database& database, FactStore& facts);  // makes its tables where they are missing

  Persona persona();
  // Written by the user alone: nothing that was recalled, imported or read may end up here.
  void set_persona(const Persona& persona);

  // A fact that is always in the prompt, for as long as it holds. Error(invalid) for a 21st, and where no such fact
  // holds.
  void pin(std::string_view attribute, std::string_view value);
  bool unpin(std::string_view attribute, std::string_view value);  // → whether it was pinned

  // The persona and what holds now in these namespaces (all where none is named): pinned facts first, then what was
  // said outright (confidence ≥ .9), then the rest; each from what matters most, who one is and what harms one, to what
  // matters less.
  CoreText render(const std::vector<std::string>& spaces = {});

 private:
  std::vector<Fact> chosen_facts(const std::vector<std::string>& spaces);

  Database& database_;
  FactStore& facts_;
};

}  // namespace loam
