// Expressions become states and edges (Thompson's construction).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/grammar/automaton.h"
#include "engine/grammar/rules.h"

namespace loam {

class Lowering {
 public:
  enum class Counts {
    counted,   // large repetitions become edges of kind repeat
    unrolled,  // every repetition is written out
  };

  Lowering(const GrammarRules& rules, Counts counts) : rules_(rules), counts_(counts) {}

  int32_t add_state();
  // Adds what the expression stands for, from the state `from`; → the state where it ends. Nothing but what is added
  // leads to a state that is made here, and nothing leads to `from`.
  int32_t lower(ExpressionId expression, int32_t from);
  // Lowers the bodies of repetitions that were met, as rules numbered from `first` on.
  void lower_repeated_rules(std::vector<GrammarAutomaton::Rule>& rules);

  std::vector<std::vector<GrammarEdge>>& edges() { return edges_; }
  std::vector<GrammarAutomaton::Repeat>& repeats() { return repeats_; }
  // Where any text can follow before what comes next: the ends of GrammarRules::any_text().
  const std::vector<int32_t>& any_text_ends() const { return any_text_ends_; }

 private:
  // The body of a repetition, to be lowered as a rule of its own.
  struct Repeated {
    ExpressionId part;
    bool json;
  };

  void add_edge(int32_t from, const GrammarEdge& edge) { edges_[static_cast<size_t>(from)].push_back(edge); }
  void add_epsilon(int32_t from, int32_t to) { add_edge(from, {.kind = GrammarEdge::Kind::epsilon, .to = to}); }
  void add_bytes(int32_t from, int first, int last, int32_t to);
  void add_escaped(int32_t from, int first, int last, int32_t to);
  int32_t escape_state(uint64_t characters, int32_t to);
  int32_t lower_part(ExpressionId expression, int32_t from);
  int32_t lower_chars(const CodePointSet& set, int32_t from);
  void lower_sequences(const Utf8Sequence* begin, const Utf8Sequence* end, int depth, int32_t from, int32_t to,
                       std::map<std::string, int32_t>& suffixes);
  int32_t lower_dfa(const ByteDfa& dfa, int32_t from);
  int32_t lower_choice(const std::vector<ExpressionId>& parts, int32_t from);
  int32_t lower_repeat(ExpressionId part, int64_t min, int64_t max, int32_t from);
  int32_t lower_unrolled(ExpressionId part, int64_t min, int64_t max, int32_t from);
  int32_t lower_counted(ExpressionId part, int64_t min, int64_t max, int32_t from);
  int32_t lower_members(const GrammarRules::List& list, int32_t from);
  int32_t lower_elements(const GrammarRules::List& list, int32_t from);
  int32_t lower_element(const ListElement& element, int32_t from);

  const GrammarRules& rules_;
  const Counts counts_;
  bool json_ = false;  // within a JSON string
  std::vector<std::vector<GrammarEdge>> edges_;
  std::vector<GrammarAutomaton::Repeat> repeats_;  // rule: index into repeated_ until the rules are known
  std::vector<Repeated> repeated_;
  std::map<std::pair<ExpressionId, bool>, int32_t> repeated_index_;
  std::map<std::pair<uint64_t, int32_t>, int32_t> escapes_;
  std::vector<int32_t> any_text_ends_;
};

}  // namespace loam
